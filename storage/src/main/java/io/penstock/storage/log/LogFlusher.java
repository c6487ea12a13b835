package io.penstock.storage.log;

import com.codahale.metrics.Timer;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStateView;
import io.penstock.storage.producer.ProducerStates;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log durable and moves its recovery point, always behind what it makes durable. Runs on
 * the background's flush lane but for {@link #flush}, which its caller waits in; one flush of a log
 * at a time.
 *
 * <p>Why also by bytes and by time, and not only on roll as Kafka: after an unclean stop everything
 * behind the recovery point is read and checked. With 1 GiB segments that can be a gigabyte for
 * each partition, where a restart is to take two seconds. The kernel writes dirty pages back after
 * 30 seconds anyway, so forcing what is older than a minute costs little.
 */
final class LogFlusher {
  private static final Logger LOG = LoggerFactory.getLogger(LogFlusher.class);

  /** What recovery may have to read of one log, but for what arrives during the flush. */
  static final long FLUSH_EACH_BYTES = 256L << 20;

  static final long FLUSH_EACH_MS = 60_000;

  private final LogState state;
  private final SnapshotFiles snapshots;
  private final GroupFlush groupFlush;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile long lastFlushMs;
  private long bytesSinceFlush;

  LogFlusher(LogState state, SnapshotFiles snapshots) {
    this.state = state;
    this.snapshots = snapshots;
    this.groupFlush = new GroupFlush(state);
    // What a recovery found behind its recovery point is forced soon, so that lives which end
    // after seconds do not add up to a log that is read for minutes.
    boolean behind = state.end.offset() > state.recoveryPoint;
    this.lastFlushMs = state.services.clock().getAsLong() - (behind ? FLUSH_EACH_MS : 0);
  }

  /** After an append, under the writer's monitor. */
  void appended(LogEnd end, int bytes) {
    bytesSinceFlush += bytes;
    if (bytesSinceFlush >= FLUSH_EACH_BYTES) {
      bytesSinceFlush = 0;
      flushWithSnapshot(end, state.withProducers(ProducerStates::list));
    }
    if (state.isFlushAwaited()) {
      groupFlush.ask();
    }
  }

  /** Has what acks wait for made durable without delay; does nothing where none has to wait. */
  void flushWhatIsHeld() {
    if (state.isFlushAwaited() && !state.closed) {
      groupFlush.ask();
    }
  }

  private void flushInBackground(StorageTask task) {
    state.services.work().flush(state.untilAbandoned(task));
  }

  /** After a roll, under the writer's monitor: what is before the new segment is complete. */
  void rolled(LogEnd start, List<ProducerStateView> producers) {
    bytesSinceFlush = 0;
    flushWithSnapshot(start, producers);
  }

  private void flushWithSnapshot(LogEnd target, List<ProducerStateView> producers) {
    long generation = state.generation;
    flushInBackground(() -> {
      if (!state.closed && flushTo(target, generation)) {
        snapshots.write(target.offset(), producers);
        if (generation != state.generation) {
          // A truncation that did not see it yet: it may speak of what was cut.
          snapshots.remove(target.offset());
        }
        snapshots.prune(state.segments.get());
      }
    });
  }

  private void flushAsAsked() throws StorageException {
    asked.set(false);
    flushIfOpen();
  }

  /**
   * Flushes in the background if unforced data has waited as long as the settings allow. Asks once
   * until that is done, however slow the disk is. What acks wait for is asked for each time: a
   * flush of it may have failed for want of room.
   */
  void flushIfDue(long nowMs) {
    flushWhatIsHeld();
    if (isDue(nowMs) && asked.compareAndSet(false, true)) {
      flushInBackground(this::flushAsAsked);
    }
  }

  private boolean isDue(long nowMs) {
    long waitedMs = nowMs - lastFlushMs;
    // Below zero when the clock was set back: how long it has been is not known then.
    boolean longEnough =
        waitedMs < 0 || waitedMs >= Math.min(state.settings.flushMs(), FLUSH_EACH_MS);
    return longEnough && !state.closed && state.end.offset() > state.recoveryPoint;
  }

  private void flushIfOpen() throws StorageException {
    if (!state.closed) {
      flush();
    }
  }

  /** Makes everything appended so far durable. */
  void flush() throws StorageException {
    long generation = state.generation;
    flushTo(state.end, generation);
  }

  /** False when the log was truncated meanwhile, so that the target means nothing any more. */
  private boolean flushTo(LogEnd target, long generation) throws StorageException {
    boolean forced = forceTo(target, generation);
    if (forced) {
      state.madeDurable(target.offset(), generation);
    }
    return forced;
  }

  private synchronized boolean forceTo(LogEnd target, long generation) throws StorageException {
    lastFlushMs = state.services.clock().getAsLong();
    if (generation != state.generation) {
      return false;
    }
    try (Timer.Context _ = state.services.metrics().flushTime().time()) {
      if (state.segments.get().sizeBytes() > 0) {
        state.forceBeforeFirst();
        forceSegments(target);
        // An empty log has no epochs: recovery forgets those that begin at its end.
        state.epochs.flush();
      }
    } catch (DiskFullException full) {
      LOG.warn("No room to flush: partition={} cause={}", state.id, full.getMessage());
      throw full;
    }
    return state.advanceRecoveryPoint(target.offset(), generation);
  }

  private void forceSegments(LogEnd target) throws StorageException {
    Segments segments = state.segments.get();
    int first = segments.floorIndex(state.recoveryPoint);
    // A flush may have passed a segment's end before the roll that lets it be sealed.
    while (first > 0 && !segments.at(first - 1).isSealed()) {
      first--;
    }
    LogSegment last = target.segment();
    for (int i = first; i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (segment.baseOffset() >= last.baseOffset()) {
        break;
      }
      // A truncation may make it the active one again meanwhile.
      segment.sealUnless(() -> state.end.segment() == segment);
    }
    if (target.position() > 0 && target.offset() > state.recoveryPoint) {
      last.force();
    }
  }
}
