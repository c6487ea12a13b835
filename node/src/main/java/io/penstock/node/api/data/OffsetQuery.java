package io.penstock.node.api.data;

import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.TimestampedOffset;
import java.util.Optional;

/**
 * What a timestamp in ListOffsets asks for: a time, or one of the negative values that stand for
 * something else. Answers are those of a Kafka broker without tiered storage.
 */
enum OffsetQuery {
  /** A time: the first record at or after it. */
  BY_TIME(1),
  /** -1: the end of what the reader may see. */
  LATEST(1),
  /** -2: the start of the log. */
  EARLIEST(1),
  /** -3: the record with the largest timestamp. */
  MAX_TIMESTAMP(7),
  /** -4: the start of what is on this node's disk, here the same as the start of the log. */
  EARLIEST_LOCAL(8),
  /** -5: the end of what was moved to remote storage, here nothing. */
  LATEST_TIERED(9),
  /** -6: the start of what is yet to be moved to remote storage, here nothing. */
  EARLIEST_PENDING_UPLOAD(11),
  /** A negative value that means nothing. */
  UNKNOWN(Short.MAX_VALUE);

  /** The answer to a query. */
  sealed interface Answer {}

  record Found(long offset, long timestampMs, int leaderEpoch) implements Answer {}

  /** There is no such record. */
  record Nothing() implements Answer {}

  /** A new leader does not know yet how far the partition is committed. */
  record NotYet() implements Answer {}

  private static final long NO_TIMESTAMP = -1;

  private final int firstVersion;

  OffsetQuery(int firstVersion) {
    this.firstVersion = firstVersion;
  }

  static OffsetQuery of(long timestamp) {
    if (timestamp >= 0) {
      return BY_TIME;
    }
    return switch ((int) Math.max(timestamp, Integer.MIN_VALUE)) {
      case -1 -> LATEST;
      case -2 -> EARLIEST;
      case -3 -> MAX_TIMESTAMP;
      case -4 -> EARLIEST_LOCAL;
      case -5 -> LATEST_TIERED;
      case -6 -> EARLIEST_PENDING_UPLOAD;
      default -> UNKNOWN;
    };
  }

  boolean isServedIn(short version) {
    return version >= firstVersion;
  }

  /** Whether the answer is looked for in files, hence not on an event loop. */
  boolean readsFiles() {
    return this == BY_TIME || this == MAX_TIMESTAMP;
  }

  Answer answer(PartitionReplica replica, ReadLimit limit, long timestampMs)
      throws StorageException {
    return switch (this) {
      case LATEST -> latest(replica, limit);
      case EARLIEST, EARLIEST_LOCAL -> {
        long start = replica.logStartOffset();
        yield new Found(start, NO_TIMESTAMP, replica.leaderEpochAt(start));
      }
      case LATEST_TIERED, EARLIEST_PENDING_UPLOAD -> new Found(-1, NO_TIMESTAMP, -1);
      case BY_TIME -> {
        long end = replica.endOffset(limit);
        yield visible(replica, limit, end, replica.offsetForTimestamp(timestampMs, end));
      }
      case MAX_TIMESTAMP ->
          visible(replica, limit, replica.endOffset(limit), replica.maxTimestamp());
      case UNKNOWN -> new Nothing();
    };
  }

  private static Answer latest(PartitionReplica replica, ReadLimit limit) {
    return isUnknown(replica, limit)
        ? new NotYet()
        : new Found(replica.endOffset(limit), NO_TIMESTAMP, replica.leaderEpoch());
  }

  /** A record counts only if the reader may see it. */
  private static Answer visible(
      PartitionReplica replica, ReadLimit limit, long end, Optional<TimestampedOffset> found) {
    if (found.isPresent() && found.get().offset() < end) {
      TimestampedOffset record = found.get();
      return new Found(record.offset(), record.timestampMs(), record.leaderEpoch());
    }
    return isUnknown(replica, limit) ? new NotYet() : new Nothing();
  }

  private static boolean isUnknown(PartitionReplica replica, ReadLimit limit) {
    return limit == ReadLimit.HIGH_WATERMARK && replica.committedEndUnknown();
  }
}
