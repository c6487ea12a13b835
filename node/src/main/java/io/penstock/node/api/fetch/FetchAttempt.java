package io.penstock.node.api.fetch;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.storage.log.LogSlice;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One look at all partitions of a fetch that have to be looked at, in order, until the response is
 * full. At least one batch is given whole, however large, or a reader could never pass it. A
 * follower's partitions share the room, so that one that is far behind leaves some to the others.
 */
final class FetchAttempt {

  /** What each of a follower's partitions may take, however many there are. */
  private static final int SHARE_BYTES_MIN = 32 << 10;

  private final PartitionLookup partitions;
  private final FetchParameters parameters;
  private final FetchScope scope;
  private final FollowerAcks acks;
  private final int share;
  private final List<FetchResult> results;
  private long bytes;
  private long records;
  private boolean urgent;

  private FetchAttempt(
      PartitionLookup partitions,
      FetchParameters parameters,
      FetchScope scope,
      FollowerAcks acks,
      int size) {
    this.partitions = partitions;
    this.parameters = parameters;
    this.scope = scope;
    this.acks = acks;
    this.share =
        parameters.isFollower()
            ? Math.max(SHARE_BYTES_MIN, parameters.maxBytes() / Math.max(1, size))
            : Integer.MAX_VALUE;
    this.results = new ArrayList<>(size);
  }

  static FetchAttempt read(
      PartitionLookup partitions, FetchParameters parameters, FetchScope scope, FollowerAcks acks) {
    List<FetchItem> items = scope.items();
    FetchAttempt attempt = new FetchAttempt(partitions, parameters, scope, acks, items.size());
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
    urgent |= result.isUrgent();
  }

  private FetchResult read(FetchItem item) {
    PartitionReplica replica = item.key().find(partitions);
    if (replica == null) {
      return FetchResult.failed(item, item.key().whyMissing(partitions));
    }
    FetchResult.Place place =
        new FetchResult.Place(replica, replica.role(), replica.endOffset(parameters.limit()));
    int preferred = preferredReplica(item, place);
    if (preferred != FetchResult.NO_REPLICA) {
      return FetchResult.elsewhere(item, place, preferred);
    }
    FetchResult result = withPlace(result(item, place, read(item, place)), place);
    return parameters.isFollower() && !result.isUrgent() && scope.takeNew(item)
        ? acknowledged(result, place)
        : result;
  }

  /** Where a consumer that says where it is had better read, if this node leads. */
  private int preferredReplica(FetchItem item, FetchResult.Place place) {
    PartitionReplica replica = place.replica();
    if (parameters.rack().isEmpty()
        || !(place.role() instanceof ReplicaRole.Leader)
        || replica.check(item.currentLeaderEpoch(), true) != null) {
      return FetchResult.NO_REPLICA;
    }
    LeadershipImage image = partitions.image().leadership();
    PartitionImage partition = item.key().image(image);
    return partition == null
        ? FetchResult.NO_REPLICA
        : ReadReplicas.preferred(image, partition, replica, parameters.rack(), item.offset());
  }

  private ReplicaRead read(FetchItem item, FetchResult.Place place) {
    int most = (int) Math.min(item.maxBytes(), Math.max(0, parameters.maxBytes() - bytes));
    ReplicaRead read = read(item, place, Math.min(most, share));
    boolean batchIsLarger =
        read instanceof ReplicaRead.Nothing && share < most && item.offset() < place.end();
    return batchIsLarger ? read(item, place, most) : read;
  }

  private ReplicaRead read(FetchItem item, FetchResult.Place place, int maxBytes) {
    return place
        .replica()
        .read(
            new ReadRequest(
                item.offset(),
                item.currentLeaderEpoch(),
                item.lastFetchedEpoch(),
                maxBytes,
                parameters.limit(),
                parameters.leaderOnly(),
                bytes == 0));
  }

  /**
   * A follower whose offset is not in the log goes by where the log is, to begin anew or to cut.
   */
  private FetchResult withPlace(FetchResult result, FetchResult.Place place) {
    return parameters.isFollower() && result.error() == Errors.OFFSET_OUT_OF_RANGE
        ? FetchResult.outOfRange(result.item(), place.replica())
        : result;
  }

  /** A follower that has come so far: its answer tells already what is committed by that. */
  private FetchResult acknowledged(FetchResult result, FetchResult.Place place) {
    Errors error = acks.take(result.item(), place);
    if (error == Errors.NONE) {
      return result.withHighWatermark(place.replica().highWatermark());
    }
    if (result.slice() != null) {
      result.slice().release();
    }
    return FetchResult.failed(result.item(), error);
  }

  private static FetchResult found(
      FetchItem item,
      FetchResult.Place place,
      long watermark,
      long logStart,
      @Nullable LogSlice slice,
      @Nullable EpochEndOffset diverging) {
    return new FetchResult(
        item, Errors.NONE, place, watermark, logStart, slice, diverging, FetchResult.NO_REPLICA);
  }

  private static FetchResult result(FetchItem item, FetchResult.Place place, ReplicaRead read) {
    return switch (read) {
      case ReplicaRead.Records(LogSlice slice, long watermark, long logStart) ->
          found(item, place, watermark, logStart, slice, null);
      case ReplicaRead.Nothing(long watermark, long logStart) ->
          found(item, place, watermark, logStart, null, null);
      case ReplicaRead.Diverged(int epoch, long end, long watermark, long logStart) -> {
        EpochEndOffset diverging = new EpochEndOffset().setEpoch(epoch).setEndOffset(end);
        yield found(item, place, watermark, logStart, null, diverging);
      }
      case ReplicaRead.Refused(Refusal refusal) -> FetchResult.failed(item, ApiErrors.of(refusal));
    };
  }
}
