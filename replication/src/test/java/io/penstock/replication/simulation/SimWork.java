package io.penstock.replication.simulation;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BackgroundWork;
import io.penstock.storage.log.StorageTask;
import java.util.Random;
import java.util.function.Consumer;

/** The background of a data directory: lanes of a process, each slow in its own way. */
final class SimWork implements BackgroundWork {

  private final SimTime time;
  private final SimProcess process;
  private final Random random;
  private final Consumer<StorageException> onFailure;
  private final Lane preparing = new Lane(3 * SimTime.MS);
  private final Lane flushing = new Lane(60 * SimTime.MS);
  private final Lane deleting = new Lane(20 * SimTime.MS);
  private boolean failed;

  SimWork(SimTime time, SimProcess process, Random random, Consumer<StorageException> onFailure) {
    this.time = time;
    this.process = process;
    this.random = random;
    this.onFailure = onFailure;
  }

  /** The disk has failed: nothing is made durable from here on. */
  void failed() {
    failed = true;
  }

  @Override
  public void prepare(StorageTask task) {
    preparing.add(0, task);
  }

  @Override
  public void sync(StorageTask task) {
    process.after(random.nextInt((int) (8 * SimTime.MS)), () -> run(unlessFailed(task)));
  }

  @Override
  public void flush(StorageTask task) {
    flushing.add(0, unlessFailed(task));
  }

  @Override
  public void delete(long delayMs, StorageTask task) {
    deleting.add(delayMs * SimTime.MS, task);
  }

  private StorageTask unlessFailed(StorageTask task) {
    return () -> {
      if (!failed) {
        task.run();
      }
    };
  }

  private void run(StorageTask task) {
    try {
      task.run();
    } catch (DiskFullException | CorruptFileException expected) {
      // As in a real directory: said, and nothing else.
    } catch (StorageException failure) {
      onFailure.accept(failure);
    }
  }

  /** Tasks one after another, but for those with a delay, which come when it has passed. */
  private final class Lane {
    private final long slowestUs;
    private long busyUntilUs;

    Lane(long slowestUs) {
      this.slowestUs = slowestUs;
    }

    void add(long delayUs, StorageTask task) {
      long beginsUs = delayUs > 0 ? time.nowUs() + delayUs : Math.max(busyUntilUs, time.nowUs());
      long endsUs = beginsUs + random.nextInt((int) slowestUs);
      if (delayUs == 0) {
        busyUntilUs = endsUs;
      }
      process.after(endsUs - time.nowUs(), () -> run(task));
    }
  }
}
