package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.SimulatedData.PartitionKey;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A broker: processes that come and go over one disk. It acts on the image that it has seen last,
 * which may be old; what it asks for may be lost, late, or asked twice.
 */
final class SimulatedBroker {

  private static final long UNKNOWN = -1;
  private static final int RECORDS_MAX = 60;

  /** What the leader of a partition remembers in one leader epoch. */
  private static final class Leading {
    final int leaderEpoch;
    final int epochStart;
    final Map<Integer, Position> positions = new HashMap<>();
    final List<Asked> asked = new ArrayList<>();

    Leading(int leaderEpoch, int epochStart) {
      this.leaderEpoch = leaderEpoch;
      this.epochStart = epochStart;
    }
  }

  /** How far a follower has come, and the registration that it fetched under. */
  private record Position(int end, long brokerEpoch) {}

  /** An ISR that was asked for and may yet be taken. */
  private record Asked(int partitionEpoch, NodeIds isr) {}

  private final int id;
  private final Random random;
  private final SimulatedData data;
  private final Map<PartitionKey, SimulatedLog> logs = new HashMap<>();
  private final Map<PartitionKey, Leading> leading = new HashMap<>();
  private LeadershipImage view = LeadershipImage.EMPTY;
  private int viewAt;
  private boolean alive;
  private UUID incarnation = new UUID(0, 0);
  private long epoch = UNKNOWN;

  /** The clean-shutdown mark on the disk, and what this process has found there. */
  private long mark = UNKNOWN;

  private UUID directory;

  private long previousEpoch = UNKNOWN;

  SimulatedBroker(int id, Random random, SimulatedData data) {
    this.id = id;
    this.random = random;
    this.data = data;
    this.directory = new UUID(4, id);
  }

  int id() {
    return id;
  }

  boolean isAlive() {
    return alive;
  }

  boolean isRegistered() {
    return epoch != UNKNOWN;
  }

  long epoch() {
    return epoch;
  }

  int viewAt() {
    return viewAt;
  }

  LeadershipImage view() {
    return view;
  }

  void start(UUID drawn) {
    alive = true;
    incarnation = drawn;
    epoch = UNKNOWN;
    previousEpoch = mark;
    mark = UNKNOWN;
    viewAt = 0;
    view = LeadershipImage.EMPTY;
    leading.clear();
  }

  /** Only a process that knows its registration leaves a mark: it is for that one. */
  void stopCleanly() {
    alive = false;
    mark = epoch;
  }

  void crash() {
    alive = false;
    for (SimulatedLog log : logs.values()) {
      if (random.nextInt(3) == 0) {
        log.cut(Math.max(0, log.size() - random.nextInt(4)));
      }
    }
  }

  /** Everything is gone that was on its disk; it comes back with another one. */
  void wipe(UUID drawn) {
    alive = false;
    mark = UNKNOWN;
    directory = drawn;
    logs.values().forEach(log -> log.cut(0));
  }

  RegisterBroker registration() {
    Address address = new Address("host" + id, 9092);
    return new RegisterBroker(
        id, incarnation, address, address, "rack" + id % 2, previousEpoch, List.of(directory));
  }

  /** Sees a newer image of the cluster; never an older one. */
  void observe(int index, LeadershipImage image) {
    viewAt = index;
    view = image;
    BrokerImage self = image.broker(id);
    if (self != null && self.incarnation().equals(incarnation)) {
      epoch = self.epoch();
    }
    leading.keySet().removeIf(key -> image.topic(key.topic()) == null);
  }

  SimulatedLog log(PartitionKey key) {
    return logs.computeIfAbsent(key, _ -> new SimulatedLog());
  }

  /** Whether it takes itself for the leader. */
  @Nullable PartitionImage led(PartitionKey key) {
    PartitionImage partition = view.partition(key.topic(), key.partition());
    BrokerImage self = view.broker(id);
    boolean registered = alive && self != null && epoch != UNKNOWN && self.epoch() == epoch;
    return registered && partition != null && partition.leader() == id ? partition : null;
  }

  private Leading leading(PartitionKey key, PartitionImage partition) {
    Leading known = leading.get(key);
    if (known == null || known.leaderEpoch != partition.leaderEpoch()) {
      known = new Leading(partition.leaderEpoch(), log(key).size());
      leading.put(key, known);
    }
    return known;
  }

  void produce(PartitionKey key, PartitionImage partition, int record) {
    leading(key, partition);
    if (log(key).size() < RECORDS_MAX) {
      log(key).append(record);
    }
    advance(key, partition);
  }

  /** One fetch as a follower; refused where the two believe in different epochs. */
  void fetchFrom(SimulatedBroker leader, PartitionKey key, PartitionImage mine) {
    PartitionImage theirs = leader.led(key);
    if (!alive
        || epoch == UNKNOWN
        || theirs == null
        || theirs.leaderEpoch() != mine.leaderEpoch()) {
      return;
    }
    SimulatedLog log = log(key);
    Leading state = leader.leading(key, theirs);
    log.follow(leader.log(key), random.nextInt(6));
    state.positions.put(id, new Position(log.size(), epoch));
    leader.advance(key, theirs);
  }

  /** The high watermark: what all of the ISR have, also of one that was asked for. */
  private void advance(PartitionKey key, PartitionImage partition) {
    TopicImage topic = view.topic(key.topic());
    Leading state = leading(key, partition);
    int minimum = topic == null ? 1 : topic.minInsyncReplicas();
    if (partition.isr().size() < Math.min(minimum, partition.replicas().size())) {
      return;
    }
    SimulatedLog log = log(key);
    int end = lowest(state, partition.isr(), log.size());
    state.asked.removeIf(asked -> asked.partitionEpoch < partition.partitionEpoch());
    for (Asked asked : state.asked) {
      end = Math.min(end, lowest(state, asked.isr, log.size()));
    }
    log.advanceTo(end);
    if (end > 0) {
      data.commits(key, partition.leaderEpoch(), log, end);
    }
  }

  private int lowest(Leading state, NodeIds members, int own) {
    int lowest = own;
    for (int i = 0; i < members.size(); i++) {
      Position position = state.positions.get(members.get(i));
      if (members.get(i) != id) {
        lowest = Math.min(lowest, position == null ? 0 : position.end);
      }
    }
    return lowest;
  }

  /** Asks for another ISR of some partitions that it leads; null where there are none. */
  @Nullable ChangeIsr isrChanges() {
    List<IsrChange> changes = new ArrayList<>();
    for (TopicImage topic : view.topics()) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionKey key = new PartitionKey(topic.id(), i);
        PartitionImage partition = led(key);
        if (partition != null && random.nextInt(3) > 0) {
          changes.add(isrChange(key, partition));
        }
      }
    }
    return changes.isEmpty() ? null : new ChangeIsr(id, epoch, changes);
  }

  private IsrChange isrChange(PartitionKey key, PartitionImage partition) {
    Leading state = leading(key, partition);
    List<IsrMember> members = new ArrayList<>();
    boolean shrink = random.nextInt(4) == 0;
    for (int replica : partition.replicas().toList()) {
      Position position = state.positions.get(replica);
      BrokerImage broker = view.broker(replica);
      long seen = position != null ? position.brokerEpoch : broker == null ? 0 : broker.epoch();
      boolean member = partition.isr().contains(replica);
      if (replica == id) {
        members.add(new IsrMember(id, epoch));
      } else if (member ? !shrink || random.nextBoolean() : hasCaughtUp(key, state, position)) {
        members.add(new IsrMember(replica, seen));
      }
    }
    NodeIds asked = NodeIds.copyOf(members.stream().map(IsrMember::brokerId).toList());
    state.asked.add(new Asked(partition.partitionEpoch(), asked));
    return new IsrChange(
        key.topic(), key.partition(), partition.leaderEpoch(), partition.partitionEpoch(), members);
  }

  private boolean hasCaughtUp(PartitionKey key, Leading state, @Nullable Position position) {
    return position != null
        && position.end >= log(key).highWatermark()
        && position.end >= state.epochStart;
  }
}
