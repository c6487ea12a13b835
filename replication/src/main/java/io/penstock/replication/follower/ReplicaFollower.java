package io.penstock.replication.follower;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerStep;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.RoleObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies what other nodes lead. It puts each replica of this node that follows on the lane of its
 * leader, and takes it off again; the lanes do the rest. Roles come from one thread, that of the
 * registry; its monitor covers where replicas are, and no call to a lane.
 */
public final class ReplicaFollower implements RoleObserver, AutoCloseable {

  private final int nodeId;
  private final FollowerServices services;
  private final FollowerSettings settings;
  private final FollowerMetrics metrics;
  private final CatchUpThrottle throttle;
  private final Backoff backoff;
  private final Map<LaneKey, LeaderLane> lanes = new HashMap<>();
  private final Map<ReplicaKey, Place> places = new HashMap<>();
  private boolean closed;

  /** A leader node and one of the two ways of asking it. */
  private record LaneKey(int leader, FetchLane lane) {}

  /** Where a replica is followed, since which leader epoch. */
  private record Place(PartitionReplica replica, LaneKey lane, int leaderEpoch) {}

  public ReplicaFollower(
      int nodeId, FollowerServices services, FollowerSettings settings, MetricRegistry registry) {
    this.nodeId = nodeId;
    this.services = services;
    this.settings = settings;
    this.metrics = FollowerMetrics.in(registry);
    this.throttle = new CatchUpThrottle(settings.catchUpBytesPerSecond());
    this.backoff = new Backoff(settings.backoffMinMs(), settings.backoffMaxMs(), services.random());
    registry.gauge(FollowerMetrics.PREFIX + "lag.max", () -> (Gauge<Long>) this::maxLag);
    registry.gauge(FollowerMetrics.PREFIX + "partitions", () -> (Gauge<Integer>) this::count);
    registry.gauge(
        FollowerMetrics.PREFIX + "catching-up.partitions", () -> (Gauge<Integer>) this::catchingUp);
  }

  @Override
  public void assigned(PartitionReplica replica, PartitionImage partition) {
    ReplicaKey key = keyOf(replica);
    FollowerStep step = replica.following().position();
    FetchLane lane = partition.isr().contains(nodeId) ? FetchLane.IN_SYNC : FetchLane.CATCHING_UP;
    Place to =
        step instanceof FollowerStep.At(FollowerPosition at, _)
            ? new Place(replica, new LaneKey(at.leader(), lane), at.leaderEpoch())
            : null;
    LeaderLane left;
    LeaderLane taken;
    synchronized (this) {
      Place before = places.get(key);
      if (closed || (before != null && before.equals(to))) {
        return;
      }
      left = before == null || isOn(to, before.lane) ? null : lanes.get(before.lane);
      taken = place(key, to);
    }
    if (left != null) {
      leave(left, key);
    }
    if (taken != null && step instanceof FollowerStep.At at) {
      taken.follow(new FollowedPartition(key, replica.following(), at.position()), at);
    }
  }

  private static boolean isOn(@Nullable Place place, LaneKey lane) {
    return place != null && place.lane.equals(lane);
  }

  @Override
  public void removed(PartitionReplica replica) {
    ReplicaKey key = keyOf(replica);
    LeaderLane left;
    synchronized (this) {
      Place before = places.remove(key);
      left = before == null ? null : lanes.get(before.lane);
    }
    if (left != null) {
      leave(left, key);
    }
  }

  private synchronized @Nullable LeaderLane place(ReplicaKey key, @Nullable Place to) {
    if (to == null) {
      places.remove(key);
      return null;
    }
    places.put(key, to);
    return lanes.computeIfAbsent(
        to.lane,
        at ->
            new LeaderLane(
                at.leader,
                at.lane,
                services,
                settings,
                new LeaderLane.Shared(metrics, throttle, backoff)));
  }

  /** A lane that nobody is left on gives up its connection. */
  private void leave(LeaderLane lane, ReplicaKey key) {
    if (!lane.leave(key)) {
      return;
    }
    synchronized (this) {
      lanes.values().remove(lane);
    }
    lane.close();
  }

  private static ReplicaKey keyOf(PartitionReplica replica) {
    return new ReplicaKey(replica.id().topicId(), replica.id().partition());
  }

  private synchronized List<LeaderLane> lanes() {
    return List.copyOf(lanes.values());
  }

  /** How many records the replica is behind that is furthest behind, as far as leaders said. */
  public long maxLag() {
    return lanes().stream().mapToLong(LeaderLane::maxLag).max().orElse(0);
  }

  private synchronized int count() {
    return places.size();
  }

  /** How many replicas of this node are not in sync, and follow somebody to be. */
  synchronized int catchingUp() {
    int count = 0;
    for (Place place : places.values()) {
      count += place.lane.lane == FetchLane.CATCHING_UP ? 1 : 0;
    }
    return count;
  }

  /** Ends all fetches. What was received may still be written, by whoever does that now. */
  @Override
  public void close() {
    List<LeaderLane> open;
    synchronized (this) {
      closed = true;
      open = lanes();
      lanes.clear();
      places.clear();
    }
    open.forEach(LeaderLane::close);
  }
}
