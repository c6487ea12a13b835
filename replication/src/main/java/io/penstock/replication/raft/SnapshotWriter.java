package io.penstock.replication.raft;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots of one group on a thread of its own, so that applying goes on meanwhile. At most
 * one is in the making; what is asked for meanwhile is not queued, since Ratis asks again.
 */
final class SnapshotWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
  private static final long IDLE = -1;
  private static final long CLOSE_WAIT_S = 30;

  private final String group;
  private final SnapshotFiles files;
  private final AtomicLong inTheMaking = new AtomicLong(IDLE);
  private final AtomicLong finished = new AtomicLong(IDLE);
  private final AtomicLong failures = new AtomicLong();
  private final ExecutorService thread;

  SnapshotWriter(String group, SnapshotFiles files) {
    this.group = group;
    this.files = files;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("control-snapshot-" + group).factory());
  }

  /** What a restart or an installation found on disk. */
  void found(long index) {
    finished.set(index);
  }

  /** The index of the newest snapshot that is safely on disk, or -1. */
  long finishedIndex() {
    return finished.get();
  }

  long failures() {
    return failures.get();
  }

  /** Starts to write, unless that state is on disk or a snapshot is in the making. */
  void start(TermIndex at, SnapshotFiles.Content content) {
    if (at.getIndex() <= finished.get() || !inTheMaking.compareAndSet(IDLE, at.getIndex())) {
      return;
    }
    thread.execute(() -> write(at, content));
  }

  private void write(TermIndex at, SnapshotFiles.Content content) {
    try {
      long startNs = System.nanoTime();
      files.write(at, content);
      finished.set(at.getIndex());
      LOG.info(
          "wrote a snapshot group={} index={} ms={}",
          group,
          at.getIndex(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
    } catch (IOException | RuntimeException e) {
      // The log is kept, so nothing is lost: the next trigger tries again.
      failures.incrementAndGet();
      LOG.error("could not write a snapshot group={} index={}", group, at.getIndex(), e);
    } finally {
      inTheMaking.set(IDLE);
    }
  }

  /** Waits for the one in the making, so that the next start is fast. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_WAIT_S, TimeUnit.SECONDS)) {
        LOG.warn("a snapshot is not finished and given up group={}", group);
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
