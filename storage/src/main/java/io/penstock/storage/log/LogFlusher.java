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
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile long lastFlushMs;
  private long bytesSinceFlush;

  LogFlusher(LogState state, SnapshotFiles snapshots) {
    this.state = state;
    this.snapshots = snapshots;
    this.lastFlushMs = state.services.clock().getAsLong();
  }

  /** After an append, under the writer's monitor. */
  void appended(LogEnd end, int bytes) {
    bytesSinceFlush += bytes;
    if (bytesSinceFlush >= FLUSH_EACH_BYTES) {
      bytesSinceFlush = 0;
      flushWithSnapshot(end, state.withProducers(ProducerStates::list));
    } else if (end.offset() - state.recoveryPoint >= state.settings.flushMessages()
        && asked.compareAndSet(false, true)) {
      state.services.work().flush(this::flushAsAsked);
    }
  }

  /** After a roll, under the writer's monitor: what is before the new segment is complete. */
  void rolled(LogEnd start, List<ProducerStateView> producers) {
    bytesSinceFlush = 0;
    flushWithSnapshot(start, producers);
  }

  private void flushWithSnapshot(LogEnd target, List<ProducerStateView> producers) {
    long generation = state.generation;
    state
        .services
        .work()
        .flush(() -> {
          if (!state.closed && flushTo(target, generation)) {
            snapshots.write(target.offset(), producers);
            snapshots.prune(state.segments.get());
          }
        });
  }

  private void flushAsAsked() throws StorageException {
    asked.set(false);
    flushIfOpen();
  }

  /** Whether this log has had unforced data for as long as its settings allow. */
  boolean isDue(long nowMs) {
    return !state.closed
        && state.end.offset() > state.recoveryPoint
        && nowMs - lastFlushMs >= Math.min(state.settings.flushMs(), FLUSH_EACH_MS);
  }

  void flushIfOpen() throws StorageException {
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
  private synchronized boolean flushTo(LogEnd target, long generation) throws StorageException {
    lastFlushMs = state.services.clock().getAsLong();
    if (generation != state.generation) {
      return false;
    }
    try (Timer.Context _ = state.services.metrics().flushTime().time()) {
      forceSegments(target);
      state.epochs.flush();
      forceFirst();
    } catch (DiskFullException full) {
      LOG.warn("No room to flush: partition={} cause={}", state.id, full.getMessage());
      throw full;
    }
    return state.advanceRecoveryPoint(target.offset(), generation);
  }

  private void forceFirst() throws StorageException {
    StorageTask task = state.beforeFirstFlush;
    if (task != null && state.end.offset() > state.logStartOffset) {
      task.run();
      state.beforeFirstFlush = null;
    }
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
