package io.penstock.storage.log;

import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the end of a log, as a follower does that has records its leader does not. The writer's
 * monitor is held throughout; the new end is published before a byte goes, so that no new read
 * reaches what is cut.
 *
 * <p>What was cut must not come back after a power failure, behind what is written in its place.
 * Where all that stays is on the disk, the file is cut and forced, which has nothing else to write.
 * Else an fsync would first write what stays, gigabytes in the middle of a failover. So the log
 * goes on in a new segment, whose name is made durable before the old one is cut: a recovery ends a
 * segment where the next one begins ({@link LogRecovery}). It looks, for the recovery point stays
 * before the cut until a flush in the background has sealed the old segment. Only where there is no
 * room for another segment, or none can begin where the records end, that fsync is waited for.
 */
final class LogTruncator {
  private static final Logger LOG = LoggerFactory.getLogger(LogTruncator.class);

  private final LogState state;
  private final LogTrimmer trimmer;
  private final SegmentSupply supply;
  private final SnapshotFiles snapshots;

  LogTruncator(LogState state, LogTrimmer trimmer, SegmentSupply supply, SnapshotFiles snapshots) {
    this.state = state;
    this.trimmer = trimmer;
    this.supply = supply;
    this.snapshots = snapshots;
  }

  /**
   * Removes the batches that hold the offset or come after it. The log then ends at it, or where
   * the batch began that held it: else it would seem to have the records before the offset.
   */
  void truncateTo(long offset) throws StorageException {
    LogEnd before = state.end;
    if (offset >= before.offset()) {
      // A leader notes its epoch at the end of the log, and may be deposed before it writes.
      forgetEpochsFrom(offset);
      return;
    }
    if (offset < state.logStartOffset || offset < state.segments.get().first().baseOffset()) {
      startAt(offset);
      return;
    }
    Segments segments = state.segments.get();
    int index = segments.floorIndex(offset);
    LogSegment last = segments.at(index);
    int readable = last == before.segment() ? before.position() : last.sizeBytes();
    int position = last.batches().positionOf(offset, readable);
    long newEnd = position < readable ? Math.min(offset, last.baseOffsetAt(position)) : offset;
    if (newEnd < state.logStartOffset) {
      startAt(newEnd);
      return;
    }
    cut(new LogEnd(newEnd, last, position), segments.all().subList(index + 1, segments.count()));
    LOG.info("Truncated: partition={} from={} to={}", state.id, before.offset(), newEnd);
  }

  private void cut(LogEnd end, List<LogSegment> behind) throws StorageException {
    long offset = end.offset();
    HeaderEnd kept = end.segment().batchesBelow(offset);
    LogState.CutStart start = state.beginCut(offset, kept.offset());
    try {
      if (start.checkpointed()) {
        // Else, after a crash, what is written in place of the cut would be believed, and be taken
        // for clean.
        state.whenMovedBack.run();
        state.checkpointsFollowed();
      }
      toTheEnd(() -> cutFiles(end, kept, behind, start.durable()));
    } finally {
      state.endCut();
    }
    toTheEnd(() -> {
      ProducerReplay.restore(state, snapshots, offset);
      snapshots.deleteAbove(offset);
    });
    // Last, since a full disk may refuse it: it is written with the next flush then, and recovery
    // believes no epoch behind the recovery point.
    forgetEpochsFrom(offset);
  }

  /**
   * Does what nobody would make good later: with its first step the log has its new end, so that
   * who tries again finds nothing to cut. Running out of room, or of descriptors, on the way is
   * therefore a failure like any other.
   */
  private void toTheEnd(StorageTask steps) throws StorageException {
    try {
      steps.run();
    } catch (DiskFullException full) {
      throw new StorageException(
          "A log is cut by half", state.directory, "restart the node, with room on its disk", full);
    }
  }

  private void cutFiles(LogEnd end, HeaderEnd kept, List<LogSegment> behind, boolean durable)
      throws StorageException {
    state.truncated(end, state.logStartOffset);
    state.segments.updateAndGet(now -> now.upTo(end.segment()));
    // The last one first: a crash in between must not leave a log with a hole.
    trimmer.discard(behind.reversed());
    // A recovery looks at nothing before the start of the log.
    boolean inPlace =
        durable
            || end.position() == 0
            || end.offset() <= state.logStartOffset
            || kept.position() != end.position();
    if (inPlace || !cutByAnother(end, kept.offset(), !behind.isEmpty())) {
      cutSegment(end);
      makeDurable(end.segment());
    }
  }

  private void cutSegment(LogEnd end) throws StorageException {
    end.segment().truncateTo(end.offset(), end.position(), state.settings.indexBytes());
  }

  /** Has the log go on in a segment of its own; false where there is no room for its file. */
  private boolean cutByAnother(LogEnd end, long keptEnd, boolean discarded)
      throws StorageException {
    if (discarded) {
      // Before the new name: a recovery would find them behind it.
      state.services.disk().syncDirectory(state.directory);
    }
    LogSegment next;
    try {
      // Not where the log ends, which may be behind a gap: a recovery sees what is missing between.
      next = supply.next(keptEnd);
    } catch (DiskFullException full) {
      return false;
    }
    state.services.disk().syncDirectory(state.directory);
    cutSegment(end);
    state.goesOnIn(next);
    return true;
  }

  private void forgetEpochsFrom(long offset) throws StorageException {
    synchronized (state.epochs) {
      state.epochs.truncateFromEnd(offset);
    }
    state.epochs.flush();
  }

  /** Removes everything; the log is then empty and begins at the offset. */
  void startAt(long offset) throws StorageException {
    long before = state.end.offset();
    toTheEnd(() -> startFilesAt(offset));
    LOG.info("Emptied: partition={} from={} start={}", state.id, before, offset);
    // A full disk may refuse these; both are written with the next flush and tick then.
    try {
      state.whenMovedBack.run();
    } finally {
      state.epochs.flush();
    }
  }

  private void startFilesAt(long offset) throws StorageException {
    List<LogSegment> all = new ArrayList<>(state.segments.get().all());
    // Renamed before the new one is made, since they may have the same name.
    trimmer.discard(all);
    LogSegment empty = newSegment(offset);
    makeDurable(empty);
    state.segments.set(new Segments(List.of(empty)));
    state.truncated(new LogEnd(offset, empty, 0), offset);
    synchronized (state.epochs) {
      state.epochs.clear();
    }
    state.withProducers(producers -> {
      producers.clear();
      return producers;
    });
    snapshots.deleteAll();
  }

  /**
   * What was cut must not come back after a power failure: it would be taken for the records that
   * were written in its place.
   */
  private void makeDurable(LogSegment last) throws StorageException {
    last.force();
    state.services.disk().syncDirectory(state.directory);
  }

  private LogSegment newSegment(long offset) throws StorageException {
    return LogSegment.create(state.services, state.directory, offset, state.settings.indexBytes());
  }
}
