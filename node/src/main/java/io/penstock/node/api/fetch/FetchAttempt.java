package io.penstock.node.api.fetch;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.log.LogSlice;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One look at all partitions of a fetch, in order, until the response is full. At least one batch
 * is given whole, however large, or a reader could never pass it.
 */
final class FetchAttempt {

  private final PartitionLookup partitions;
  private final FetchParameters parameters;
  private final Wakeups wakeups;
  private final List<FetchResult> results;
  private long bytes;
  private long records;
  private boolean urgent;

  private FetchAttempt(
      PartitionLookup partitions, FetchParameters parameters, Wakeups wakeups, int size) {
    this.partitions = partitions;
    this.parameters = parameters;
    this.wakeups = wakeups;
    this.results = new ArrayList<>(size);
  }

  static FetchAttempt read(
      PartitionLookup partitions,
      FetchParameters parameters,
      List<FetchItem> items,
      Wakeups wakeups) {
    FetchAttempt attempt = new FetchAttempt(partitions, parameters, wakeups, items.size());
    try {
      for (FetchItem item : items) {
        attempt.add(attempt.read(item));
      }
    } catch (RuntimeException bug) {
      attempt.release();
      throw bug;
    }
    return attempt;
  }

  /** Whether to find the places of all items takes no disk. */
  static boolean findsWithoutDisk(PartitionLookup partitions, List<FetchItem> items) {
    for (FetchItem item : items) {
      PartitionReplica replica = item.key().find(partitions);
      if (replica != null && !replica.findsWithoutDisk(item.offset())) {
        return false;
      }
    }
    return true;
  }

  /** Finds the places of all items once, so that the next look has them at hand; blocks. */
  static void findOnDisk(PartitionLookup partitions, List<FetchItem> items) {
    for (FetchItem item : items) {
      PartitionReplica replica = item.key().find(partitions);
      if (replica == null || replica.findsWithoutDisk(item.offset())) {
        continue;
      }
      ReadRequest request =
          new ReadRequest(item.offset(), -1, -1, 1, ReadLimit.LOG_END, false, true);
      if (replica.read(request) instanceof ReplicaRead.Records(LogSlice slice, _, _)) {
        slice.release();
      }
    }
  }

  List<FetchResult> results() {
    return results;
  }

  long bytes() {
    return bytes;
  }

  long records() {
    return records;
  }

  /** Whether there is enough to answer without waiting. */
  boolean suffices() {
    return urgent || parameters.maxWaitMs() <= 0 || bytes >= parameters.minBytes();
  }

  List<LogSlice> slices() {
    List<LogSlice> slices = new ArrayList<>();
    for (FetchResult result : results) {
      if (result.slice() != null) {
        slices.add(result.slice());
      }
    }
    return slices;
  }

  /** Gives everything back, where nothing of it is sent. */
  void release() {
    for (FetchResult result : results) {
      if (result.slice() != null) {
        result.slice().release();
      }
    }
  }

  private void add(FetchResult result) {
    results.add(result);
    bytes += result.bytes();
    records += result.records();
    urgent |= result.isUrgent(parameters.isFollower());
  }

  private FetchResult read(FetchItem item) {
    PartitionReplica replica = item.key().find(partitions);
    if (replica == null) {
      return FetchResult.failed(item, item.key().whyMissing(partitions));
    }
    if (parameters.isFollower() && !replica.isFollowedBy(parameters.replicaId())) {
      return FetchResult.failed(item, unknownFollower(item, replica));
    }
    FetchResult.Place place =
        new FetchResult.Place(replica, replica.role(), replica.endOffset(parameters.limit()));
    long room = Math.max(0, parameters.maxBytes() - bytes);
    ReplicaRead read =
        replica.read(
            new ReadRequest(
                item.offset(),
                item.currentLeaderEpoch(),
                item.lastFetchedEpoch(),
                (int) Math.min(item.maxBytes(), room),
                parameters.limit(),
                parameters.leaderOnly(),
                bytes == 0));
    FetchResult result = result(item, place, read);
    if (parameters.isFollower() && result.error() == Errors.NONE && result.diverging() == null) {
      replica.followerFetched(parameters.progressTo(item.offset(), place), wakeups);
    }
    return result;
  }

  private static FetchResult result(FetchItem item, FetchResult.Place place, ReplicaRead read) {
    return switch (read) {
      case ReplicaRead.Records(LogSlice slice, long highWatermark, long logStart) ->
          new FetchResult(item, Errors.NONE, place, highWatermark, logStart, slice, null);
      case ReplicaRead.Nothing(long highWatermark, long logStart) ->
          new FetchResult(item, Errors.NONE, place, highWatermark, logStart, null, null);
      case ReplicaRead.Diverged(int epoch, long end, long highWatermark, long logStart) ->
          new FetchResult(
              item,
              Errors.NONE,
              place,
              highWatermark,
              logStart,
              null,
              new EpochEndOffset().setEpoch(epoch).setEndOffset(end));
      case ReplicaRead.Refused(Refusal refusal) -> FetchResult.failed(item, ApiErrors.of(refusal));
    };
  }

  /** A follower that this node does not know as one, or that came to the wrong node. */
  private static Errors unknownFollower(FetchItem item, PartitionReplica replica) {
    @Nullable Refusal refusal = replica.check(item.currentLeaderEpoch(), true);
    if (refusal != null) {
      return ApiErrors.of(refusal);
    }
    return item.currentLeaderEpoch() < 0
        ? Errors.NOT_LEADER_OR_FOLLOWER
        : ApiErrors.of(Refusal.UNKNOWN_REPLICA);
  }
}
