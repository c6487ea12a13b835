package io.penstock.storage.dir;

import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.GapNotes;
import io.penstock.storage.log.StorageTask;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down that logs may have gaps. One write is for all who asked before it begins: a replica
 * that takes over thousands of compacted logs meets the first gap of each within minutes. Where
 * there is no room, or no descriptor, it is tried again, and acks wait: what is behind a gap would
 * not outlast the process. The writes are one lane's, one after another.
 */
final class GapCheckpoint implements GapNotes {
  private static final Logger LOG = LoggerFactory.getLogger(GapCheckpoint.class);

  /** How soon it is tried again. */
  static final long RETRY_MS = 1_000;

  /** Where the writes are run. */
  interface Lane {
    void run(long delayMs, StorageTask task);
  }

  private final Lane lane;
  private final StorageTask write;

  /** Who is not covered by a write that has ended; each log asks once. Guarded by the monitor. */
  private final List<Runnable> asking = new ArrayList<>();

  /** Whether a write is to come for them; guarded by the monitor. */
  private boolean queued;

  /** Whether the last write was refused; the lane's. */
  private boolean refused;

  GapCheckpoint(Lane lane, StorageTask write) {
    this.lane = lane;
    this.write = write;
  }

  @Override
  public void ask(Runnable written) {
    ask(List.of(written), 0);
  }

  private void ask(List<Runnable> written, long delayMs) {
    synchronized (this) {
      asking.addAll(written);
      if (queued) {
        return;
      }
      queued = true;
    }
    lane.run(delayMs, this::write);
  }

  private synchronized List<Runnable> take() {
    List<Runnable> covered = List.copyOf(asking);
    asking.clear();
    queued = false;
    return covered;
  }

  private void write() throws StorageException {
    List<Runnable> covered = take();
    try {
      write.run();
    } catch (DiskFullException full) {
      if (!refused) {
        LOG.warn(
            "Cannot write down that logs have gaps, it is tried again;"
                + " what is behind the gaps is not acknowledged meanwhile: logs={} cause={}",
            covered.size(),
            full.getMessage());
      }
      refused = true;
      ask(covered, RETRY_MS);
      return;
    }
    refused = false;
    covered.forEach(Runnable::run);
  }
}
