package io.penstock.node.api.fetch;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.SliceRange;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.storage.log.LogSlice;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What one look at one partition found. A slice in it has one reference, which goes with the
 * response, or is given back where there is none.
 *
 * @param preferredReplica the node where a consumer had better read (KIP-392), or {@link
 *     #NO_REPLICA}
 */
record FetchResult(
    FetchItem item,
    Errors error,
    @Nullable Place place,
    long highWatermark,
    long logStartOffset,
    @Nullable LogSlice slice,
    @Nullable EpochEndOffset diverging,
    int preferredReplica) {

  /** Where the partition stood when it was looked at: what a parked fetch starts waiting from. */
  record Place(PartitionReplica replica, ReplicaRole role, long end) {}

  static final int NO_REPLICA = -1;
  private static final long UNKNOWN = -1;

  static FetchResult failed(FetchItem item, Errors error) {
    return new FetchResult(item, error, null, UNKNOWN, UNKNOWN, null, null, NO_REPLICA);
  }

  /** The offset is not in the log, which is here. */
  static FetchResult outOfRange(FetchItem item, PartitionReplica replica) {
    return new FetchResult(
        item,
        Errors.OFFSET_OUT_OF_RANGE,
        null,
        replica.highWatermark(),
        replica.logStartOffset(),
        null,
        null,
        NO_REPLICA);
  }

  /** Nothing is read here: a consumer is sent to another replica. */
  static FetchResult elsewhere(FetchItem item, Place place, int preferredReplica) {
    PartitionReplica replica = place.replica();
    return new FetchResult(
        item,
        Errors.NONE,
        place,
        replica.highWatermark(),
        replica.logStartOffset(),
        null,
        null,
        preferredReplica);
  }

  /** What a partition is answered where all of a request failed. */
  static PartitionData failed(int partition, Errors error) {
    return new PartitionData()
        .setPartitionIndex(partition)
        .setErrorCode(error.code())
        .setHighWatermark(UNKNOWN)
        .setRecords(WireRecords.empty());
  }

  FetchResult withHighWatermark(long newer) {
    return newer == highWatermark
        ? this
        : new FetchResult(
            item, error, place, newer, logStartOffset, slice, diverging, preferredReplica);
  }

  int bytes() {
    return slice == null ? 0 : slice.size();
  }

  long records() {
    return slice == null ? 0 : slice.records();
  }

  /** Whether there was nothing behind what the reader has, however much was asked for. */
  boolean isReadToTheEnd() {
    return !isUrgent() && place != null && item.offset() >= place.end();
  }

  /** Whether it is to be answered now, however little there is to send. */
  boolean isUrgent() {
    return error != Errors.NONE || diverging != null || preferredReplica != NO_REPLICA;
  }

  PartitionData toResponse(boolean withTransactions) {
    PartitionData data =
        new PartitionData()
            .setPartitionIndex(item.key().partition())
            .setErrorCode(error.code())
            .setHighWatermark(highWatermark)
            .setLogStartOffset(logStartOffset)
            .setPreferredReadReplica(preferredReplica)
            .setRecords(
                slice == null ? WireRecords.empty() : WireRecords.ofRange(new SliceRange(slice)));
    if (error == Errors.NONE) {
      // Without transactions everything committed is stable, and nothing was aborted.
      data.setLastStableOffset(highWatermark)
          .setAbortedTransactions(withTransactions ? List.of() : null);
    }
    return diverging == null ? data : data.setDivergingEpoch(diverging);
  }
}
