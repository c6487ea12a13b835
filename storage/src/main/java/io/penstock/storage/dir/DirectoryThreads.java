package io.penstock.storage.dir;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BackgroundWork;
import io.penstock.storage.log.StorageTask;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The five lanes of a data directory: a thread each, but for syncs, which run side by side. Their
 * queues hold at most a few tasks for each log: who asks for work asks once until it is done.
 */
final class DirectoryThreads implements BackgroundWork, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryThreads.class);
  private static final long CLOSE_WAIT_MS = 30_000;

  /** So many logs wait for their fsync at once; the file system commits them together. */
  private static final int SYNC_THREADS = 8;

  private final Path directory;
  private final Consumer<StorageException> onFailure;
  private final ScheduledThreadPoolExecutor preparing;
  private final ScheduledThreadPoolExecutor syncing;
  private final ScheduledThreadPoolExecutor noting;
  private final ScheduledThreadPoolExecutor flushing;
  private final ScheduledThreadPoolExecutor deleting;
  private volatile boolean failed;

  DirectoryThreads(Path directory, int number, Consumer<StorageException> onFailure) {
    this.directory = directory;
    this.onFailure = onFailure;
    this.preparing = lane("penstock-log-prepare-" + number, 1);
    this.syncing = lane("penstock-log-sync-" + number, SYNC_THREADS);
    this.noting = lane("penstock-log-note-" + number, 1);
    this.flushing = lane("penstock-log-flush-" + number, 1);
    this.deleting = lane("penstock-log-delete-" + number, 1);
  }

  private static ScheduledThreadPoolExecutor lane(String name, int threads) {
    ScheduledThreadPoolExecutor lane =
        new ScheduledThreadPoolExecutor(threads, Thread.ofPlatform().name(name).daemon().factory());
    lane.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return lane;
  }

  @Override
  public void prepare(StorageTask task) {
    submit(preparing, 0, task);
  }

  @Override
  public void sync(StorageTask task) {
    submit(syncing, 0, unlessFailed(task));
  }

  @Override
  public void flush(StorageTask task) {
    submit(flushing, 0, unlessFailed(task));
  }

  /**
   * Writes down, after a delay, what some acks wait for and others must not have to wait behind.
   */
  void note(long delayMs, StorageTask task) {
    submit(noting, delayMs, unlessFailed(task));
  }

  /**
   * A kernel that lost pages says so once: a flush after one that failed may succeed, and would
   * speak of bytes that are not on the disk.
   */
  private StorageTask unlessFailed(StorageTask task) {
    return () -> {
      if (!failed) {
        task.run();
      }
    };
  }

  /** The disk has failed: nothing is made durable from here on. */
  void failed() {
    failed = true;
  }

  @Override
  public void delete(long delayMs, StorageTask task) {
    submit(deleting, delayMs, task);
  }

  /** Closes of files that nobody uses any longer; after the end of the lanes on the caller. */
  void closeFile(Runnable close) {
    try {
      deleting.execute(close);
    } catch (RejectedExecutionException ended) {
      close.run();
    }
  }

  private void submit(ScheduledThreadPoolExecutor lane, long delayMs, StorageTask task) {
    try {
      if (delayMs <= 0) {
        lane.execute(() -> run(task));
      } else {
        Future<?> _ = lane.schedule(() -> run(task), delayMs, TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException ended) {
      LOG.debug("Dropped work of a directory that is closing: directory={}", directory);
    }
  }

  private void run(StorageTask task) {
    try {
      task.run();
    } catch (DiskFullException full) {
      LOG.warn("Disk is full: directory={} cause={}", directory, full.getMessage());
    } catch (CorruptFileException damaged) {
      LOG.error("Damaged file: directory={} cause={}", directory, damaged.getMessage());
    } catch (StorageException failure) {
      onFailure.accept(failure);
    } catch (RuntimeException | Error broken) {
      onFailure.accept(
          new StorageException(
              "Background work failed", directory, "report this as a defect, restart", broken));
    }
  }

  /** Waits for what is under way and due; what was to come later is left to the next start. */
  @Override
  public void close() {
    preparing.shutdown();
    syncing.shutdown();
    noting.shutdown();
    flushing.shutdown();
    deleting.shutdown();
    try {
      awaitEnd(preparing);
      awaitEnd(syncing);
      awaitEnd(noting);
      awaitEnd(flushing);
      awaitEnd(deleting);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitEnd(ScheduledThreadPoolExecutor lane) throws InterruptedException {
    if (!lane.awaitTermination(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS)) {
      LOG.warn("Background work has not ended in {} ms", CLOSE_WAIT_MS);
    }
  }
}
