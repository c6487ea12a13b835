package io.penstock.replication.partition;

import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side of a replica, for whoever its role lets read. Any thread, without a lock: it
 * sees published values only. Stateless but for the log.
 */
final class ReplicaReader {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaReader.class);

  private final PartitionLog log;

  ReplicaReader(PartitionLog log) {
    this.log = log;
  }

  /** Finds what the request asks for, as far as the reader may see; touches no bytes. */
  ReplicaRead read(ReadRequest request, long highWatermark) throws StorageException {
    long logStart = log.logStartOffset();
    if (request.lastFetchedEpoch() >= 0) {
      ReplicaRead diverged = divergence(request, highWatermark, logStart);
      if (diverged != null) {
        return diverged;
      }
    }
    long limit = request.limit() == ReadLimit.HIGH_WATERMARK ? highWatermark : log.logEndOffset();
    return switch (log.read(
        request.offset(), request.maxBytes(), limit, request.atLeastOneBatch())) {
      case ReadOutcome.Slice(var slice) -> new ReplicaRead.Records(slice, highWatermark, logStart);
      case ReadOutcome.Empty() -> new ReplicaRead.Nothing(highWatermark, logStart);
      case ReadOutcome.OffsetOutOfRange(_, _) ->
          new ReplicaRead.Refused(Refusal.OFFSET_OUT_OF_RANGE);
    };
  }

  /** Tells a follower where its log has parted from this one; null if it has not. */
  private @Nullable ReplicaRead divergence(ReadRequest request, long watermark, long logStart) {
    EpochEnd end = log.epochs().endOffsetFor(request.lastFetchedEpoch(), log.logEndOffset());
    if (end.equals(EpochEnd.UNKNOWN) || request.offset() < logStart) {
      return new ReplicaRead.Refused(Refusal.OFFSET_OUT_OF_RANGE);
    }
    if (end.epoch() < request.lastFetchedEpoch() || end.endOffset() < request.offset()) {
      return new ReplicaRead.Diverged(end.epoch(), end.endOffset(), watermark, logStart);
    }
    return null;
  }

  boolean findsWithoutDisk(long offset) {
    if (offset < log.logStartOffset() || offset >= log.logEndOffset()) {
      return true;
    }
    try {
      return log.findsWithoutDisk(offset);
    } catch (StorageException | IllegalStateException failure) {
      // An index says the latter when its segment is deleted meanwhile.
      LOG.debug("Cannot tell where a read leads: partition={}", log.id(), failure);
      return true;
    }
  }
}
