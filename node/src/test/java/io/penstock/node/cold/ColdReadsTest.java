package io.penstock.node.cold;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.Cancellable;
import io.penstock.node.api.Loop;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.TestSlices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent at once, what waits for a disk, and that slices stay alive meanwhile. */
@Timeout(30)
final class ColdReadsTest {

  private final SlowFile file = new SlowFile();
  private final TestSlices slices = new TestSlices(file);
  private final QueueLoop loop = new QueueLoop();
  private final MetricRegistry registry = new MetricRegistry();
  private final ColdReads coldReads = new ColdReads(new ColdReadSettings(1, 1, 16), registry);
  private final AtomicInteger ready = new AtomicInteger();

  @AfterEach
  void leavesNoReference() {
    file.gate.countDown();
    coldReads.close();
    assertEquals(0, slices.references());
  }

  @Test
  void goesOnAtOnceWithWhatWasAppendedMomentsAgoAndDoesNotProbe() {
    use(slices.slice(0, 100, true));

    assertEquals(1, ready.get());
    assertEquals(0, file.probes.get());
    assertEquals(100, registry.meter("penstock.fetch.bytes.resident").getCount());
  }

  @Test
  void goesOnAtOnceWithWhatIsInMemory() {
    file.resident.set(true);

    use(slices.slice(0, 100, false));

    assertEquals(1, ready.get());
  }

  @Test
  void bringsInWhatIsNotInMemoryAndGoesOnOnTheLoop() {
    LogSlice slice = slices.slice(500, 100, false);
    use(slice);
    assertEquals(0, ready.get());
    slice.release(); // whoever asked may be gone by now
    assertEquals(1, slices.references());

    file.gate.countDown();
    await().untilAsserted(() -> assertEquals(1, loop.tasks.size()));
    loop.runTasks();

    assertEquals(1, ready.get());
    assertEquals(100, registry.meter("penstock.fetch.bytes.cold").getCount());
  }

  @Test
  void comesBackLaterWhenTheQueueIsFull() {
    for (int i = 0; i < 5; i++) {
      use(slices.slice(1 + i * 1000L, 100, false));
    }
    assertTrue(registry.meter("penstock.fetch.cold.delayed").getCount() >= 3);
    file.gate.countDown();

    await()
        .untilAsserted(() -> {
          loop.runTasks();
          assertEquals(5, ready.get());
        });
    release(5);
  }

  @Test
  void saysWhenARangeCannotBeRead() {
    file.broken.set(true);
    file.gate.countDown();
    AtomicInteger failed = new AtomicInteger();

    coldReads.whenResident(
        List.of(slices.slice(7, 10, false)),
        loop,
        ready::incrementAndGet,
        _ -> failed.incrementAndGet());

    await()
        .untilAsserted(() -> {
          loop.runTasks();
          assertEquals(1, failed.get());
        });
    assertEquals(0, ready.get());
    release(1);
  }

  private void use(LogSlice slice) {
    coldReads.whenResident(List.of(slice), loop, ready::incrementAndGet);
    if (ready.get() > 0) {
      slice.release();
    }
  }

  /** Gives back what the test itself holds, as a response would when it has been sent. */
  private void release(int count) {
    await().untilAsserted(() -> assertEquals(count, slices.references()));
    LogSlice any = slices.slice(0, 1, true);
    for (int i = 0; i <= count; i++) {
      any.release();
    }
  }

  /** A loop whose tasks run when the test says so; delays are over at once. */
  private static final class QueueLoop implements Loop {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public boolean isCurrentThread() {
      return false;
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }

    private void runTasks() {
      int count = tasks.size();
      for (int i = 0; i < count; i++) {
        Runnable task = tasks.poll();
        if (task != null) {
          task.run();
        }
      }
    }
  }

  /** A file whose reads wait for a gate. */
  private static final class SlowFile implements DiskFile {
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicBoolean resident = new AtomicBoolean();
    private final AtomicBoolean broken = new AtomicBoolean();
    private final AtomicInteger probes = new AtomicInteger();

    @Override
    public int fd() {
      return -1;
    }

    @Override
    public Path path() {
      return Path.of("slow");
    }

    @Override
    public long size() {
      return 1 << 20;
    }

    @Override
    public boolean isResident(long position, int length) {
      probes.incrementAndGet();
      return resident.get();
    }

    @Override
    public void bringIn(long position, int length) throws StorageException {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (broken.get()) {
        throw failure();
      }
    }

    private static StorageException failure() {
      return new StorageException("reading failed", Path.of("slow"), "replace the disk");
    }

    @Override
    public void dropBehind(long position, long length) {}

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer[] sources, int count, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void force(boolean metadata) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void allocate(long position, long length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MemorySegment map(long size, boolean writable, Arena arena) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
