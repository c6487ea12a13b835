package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Background work that a test runs when it wants to; failures are kept for it to look at. */
final class ManualWork implements BackgroundWork {
  private final ArrayDeque<StorageTask> preparing = new ArrayDeque<>();
  private final ArrayDeque<StorageTask> syncing = new ArrayDeque<>();
  private final ArrayDeque<StorageTask> flushing = new ArrayDeque<>();
  private final ArrayDeque<StorageTask> deleting = new ArrayDeque<>();
  private long lastDelayMs;
  private Runnable atNextDeletion = () -> {};
  final List<StorageException> failures = new ArrayList<>();

  @Override
  public void prepare(StorageTask task) {
    preparing.add(task);
  }

  @Override
  public void sync(StorageTask task) {
    syncing.add(task);
  }

  @Override
  public void flush(StorageTask task) {
    flushing.add(task);
  }

  @Override
  public void delete(long delayMs, StorageTask task) {
    lastDelayMs = delayMs;
    Runnable event = atNextDeletion;
    atNextDeletion = () -> {};
    event.run();
    deleting.add(task);
  }

  /** Runs something, once, where a deletion is asked for. */
  void atNextDeletion(Runnable event) {
    atNextDeletion = event;
  }

  /** The delay of the last deletion that was asked for. */
  long lastDelayMs() {
    return lastDelayMs;
  }

  void runPreparing() {
    run(preparing);
  }

  void runSyncing() {
    run(syncing);
  }

  /** Runs what is queued now, not what that queues again. */
  void runOneSync() {
    runOne(syncing.remove());
  }

  void runFlushing() {
    run(flushing);
  }

  /** Runs what is queued now, not what that queues again. */
  void runDeleting() {
    int tasks = deleting.size();
    for (int i = 0; i < tasks; i++) {
      runOne(deleting.remove());
    }
  }

  int syncs() {
    return syncing.size();
  }

  int flushes() {
    return flushing.size();
  }

  int deletions() {
    return deleting.size();
  }

  void runAll() {
    runPreparing();
    runSyncing();
    runFlushing();
    runDeleting();
  }

  /** The process has died. */
  void forget() {
    preparing.clear();
    syncing.clear();
    flushing.clear();
    deleting.clear();
  }

  private void run(ArrayDeque<StorageTask> lane) {
    while (!lane.isEmpty()) {
      runOne(lane.remove());
    }
  }

  private void runOne(StorageTask task) {
    try {
      task.run();
    } catch (StorageException failure) {
      failures.add(failure);
    }
  }
}
