package io.penstock.node.cold;

import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.Loop;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that what an event loop is going to send is in memory. What was appended moments ago
 * is; anything else is probed, and on a miss a bounded pool of threads reads it in before the loop
 * goes on with the answer. Any thread may call; it keeps slices alive for as long as it uses them.
 */
public final class ColdReads implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ColdReads.class);

  /** When the queue is full, a request comes back after this time. */
  private static final long RETRY_MS = 5;

  private static final long IDLE_THREAD_SECONDS = 30;
  private static final long CLOSE_SECONDS = 5;

  private final ThreadPoolExecutor pool;
  private final ScanTracker scans;
  private final Meter residentBytes;
  private final Meter coldBytes;
  private final Meter aheadBytes;
  private final Meter droppedBytes;
  private final Meter delayed;
  private final Meter failures;

  public ColdReads(ColdReadSettings settings, MetricRegistry registry) {
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            settings.threads(),
            settings.threads(),
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(settings.queueMax()),
            task -> {
              Thread thread = new Thread(task, "penstock-cold-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    this.scans = new ScanTracker(settings.scansMax());
    this.residentBytes = registry.meter("penstock.fetch.bytes.resident");
    this.coldBytes = registry.meter("penstock.fetch.bytes.cold");
    this.aheadBytes = registry.meter("penstock.fetch.bytes.ahead");
    this.droppedBytes = registry.meter("penstock.fetch.bytes.dropped");
    this.delayed = registry.meter("penstock.fetch.cold.delayed");
    this.failures = registry.meter("penstock.fetch.cold.failures");
    registry.gauge("penstock.fetch.cold.waiting", () -> () -> pool.getQueue().size());
  }

  /**
   * Goes on with {@code ready} when the slices are in memory: here and now if they are, otherwise
   * on the loop. A range that cannot be read is left to whoever sends it to fail on.
   */
  public void whenResident(List<LogSlice> slices, Loop loop, Runnable ready) {
    whenResident(slices, loop, ready, _ -> ready.run());
  }

  /** The same, but goes on with {@code failed}, on the loop, where a range cannot be read. */
  public void whenResident(
      List<LogSlice> slices, Loop loop, Runnable ready, Consumer<StorageException> failed) {
    List<Range> missing = List.of();
    List<Range> extra = List.of();
    for (int i = 0; i < slices.size(); i++) {
      LogSlice slice = slices.get(i);
      if (slice.recentlyAppended()) {
        continue;
      }
      boolean resident = slice.file().isResident(slice.position(), slice.size());
      ScanTracker.Advice advice =
          scans.read(slice.file(), slice.position(), slice.size(), resident);
      if (!resident) {
        missing = with(missing, new Range(slice, advice));
      } else if (!advice.isNothing()) {
        extra = with(extra, new Range(slice, advice));
      }
    }
    count(slices, missing);
    if (!extra.isEmpty()) {
      followAdvice(extra);
    }
    if (missing.isEmpty()) {
      ready.run();
      return;
    }
    bringIn(missing, loop, ready, failed);
  }

  /** Waits for reads under way; those that wait are dropped with the process. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("Cold reads are still under way at close: reads={}", pool.getActiveCount());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Range(LogSlice slice, ScanTracker.Advice advice) {}

  private static List<Range> with(List<Range> ranges, Range range) {
    List<Range> result = ranges.isEmpty() ? new ArrayList<>() : ranges;
    result.add(range);
    return result;
  }

  private void count(List<LogSlice> slices, List<Range> missing) {
    long all = 0;
    for (int i = 0; i < slices.size(); i++) {
      all += slices.get(i).size();
    }
    long cold = 0;
    for (int i = 0; i < missing.size(); i++) {
      cold += missing.get(i).slice().size();
    }
    residentBytes.mark(all - cold);
    coldBytes.mark(cold);
  }

  private void bringIn(
      List<Range> ranges, Loop loop, Runnable ready, Consumer<StorageException> failed) {
    retain(ranges);
    Runnable task =
        () -> {
          try {
            loop.execute(outcome(ranges, ready, failed));
            advised(ranges);
          } finally {
            release(ranges);
          }
        };
    submit(task, ranges, loop, ready);
  }

  /** Reads the ranges, and returns what is to be done then. */
  private Runnable outcome(List<Range> ranges, Runnable ready, Consumer<StorageException> failed) {
    try {
      for (Range range : ranges) {
        LogSlice slice = range.slice();
        slice.file().bringIn(slice.position(), slice.size());
      }
      return ready;
    } catch (StorageException e) {
      failures.mark();
      return () -> failed.accept(e);
    } catch (RuntimeException | Error e) { // whoever waits must get an answer, also of a bug here
      failures.mark();
      log.warn("A cold read failed: cause={}", e.toString());
      return ready;
    }
  }

  private void submit(Runnable task, List<Range> ranges, Loop loop, Runnable ready) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException full) {
      if (pool.isShutdown()) {
        release(ranges);
        loop.execute(ready);
        return;
      }
      delayed.mark();
      loop.schedule(RETRY_MS, () -> submit(task, ranges, loop, ready));
    }
  }

  /**
   * Reads ahead of readers whose own ranges are in memory; if there is no time for it, lets it be.
   */
  private void followAdvice(List<Range> ranges) {
    retain(ranges);
    try {
      pool.execute(() -> {
        try {
          advised(ranges);
        } finally {
          release(ranges);
        }
      });
    } catch (RejectedExecutionException full) {
      release(ranges);
    }
  }

  /** Reads ahead and drops behind. A failure is left to the reader who gets there. */
  private void advised(List<Range> ranges) {
    for (Range range : ranges) {
      try {
        follow(range.slice().file(), range.advice());
      } catch (StorageException | RuntimeException e) {
        failures.mark();
        log.debug("Reading ahead failed", e);
      }
    }
  }

  private void follow(DiskFile file, ScanTracker.Advice advice) throws StorageException {
    if (advice.aheadBytes() > 0) {
      long count = Math.min(advice.aheadBytes(), file.size() - advice.aheadFrom());
      if (count > 0) {
        file.bringIn(advice.aheadFrom(), (int) count);
        aheadBytes.mark(count);
      }
    }
    if (advice.dropBytes() > 0) {
      file.dropBehind(advice.dropFrom(), advice.dropBytes());
      droppedBytes.mark(advice.dropBytes());
    }
  }

  private static void retain(List<Range> ranges) {
    ranges.forEach(range -> range.slice().retain());
  }

  private static void release(List<Range> ranges) {
    ranges.forEach(range -> range.slice().release());
  }
}
