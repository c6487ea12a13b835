package io.penstock.replication.partition;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;

/**
 * One partition on three brokers with old views, under the real rules, where each leader goes by a
 * real {@link LeaderState}. Processes die and lose tails, proposals are late, lost and doubled.
 * After each step nothing that was committed may be missing where the cluster counts on it.
 */
final class LeadershipWorld {

  private static final UUID TOPIC = new UUID(7, 7);
  private static final int NODES = 3;
  private static final long LAG_MS = 100;
  private static final int IN_FLIGHT_MAX = 8;

  private final Random random;
  private final int minInSync;
  private final InMemoryControlPlane quorum = new InMemoryControlPlane(1);
  private final List<LeadershipImage> history = new ArrayList<>();
  private final List<ChangeIsr> inFlight = new ArrayList<>();
  private final List<Integer> committed = new ArrayList<>();
  private final List<SimulatedReplica> replicas = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private long nowMs = 1_000;
  private int nextRecord;

  /** From now on nothing fails. */
  private boolean isHealed;

  /** Lost the tail of its log and has not said so to the cluster yet; or -1. */
  private int loser = -1;

  LeadershipWorld(long seed) {
    this.random = new Random(seed);
    this.minInSync = 1 + random.nextInt(2);
    for (int id = 1; id <= NODES; id++) {
      replicas.add(new SimulatedReplica(id));
      register(replicas.getLast());
      apply(new UnfenceBroker(id, replicas.getLast().brokerEpoch));
    }
    apply(
        new CreateTopics(List.of(NewTopic.assigned("pipe", TOPIC, List.of(NodeIds.of(1, 2, 3))))));
    apply(new SetMinInsyncReplicas(TOPIC, minInSync));
  }

  List<String> trace() {
    return trace;
  }

  int committedRecords() {
    return committed.size();
  }

  /** One thing happens, and everything that has to hold is looked at. */
  void step() {
    nowMs += random.nextInt(20);
    SimulatedReplica any = replicas.get(random.nextInt(NODES));
    int event = random.nextInt(60);
    if (event < 12) {
      append(any);
    } else if (event < 30) {
      fetch(any, random.nextInt(4));
    } else if (event < 42) {
      int ahead = history.size() - 1 - any.viewed;
      look(any, any.viewed + (random.nextBoolean() ? ahead : random.nextInt(ahead + 1)));
    } else if (event < 48) {
      propose(any);
    } else if (event < 54) {
      deliver();
    } else if (event < 55) {
      comeAndGo(any);
    } else {
      bringBack(any);
    }
    check();
  }

  /** Nothing fails any more: all must be in sync in the end, and everything committed. */
  void heal() {
    isHealed = true;
    for (int round = 0; round < 40; round++) {
      for (SimulatedReplica each : replicas) {
        bringBack(each);
        look(each, history.size() - 1);
      }
      nowMs += 10;
      while (!inFlight.isEmpty()) {
        deliver();
      }
      replicas.forEach(each -> fetch(each, 100));
      replicas.forEach(this::propose);
      check();
    }
    PartitionImage partition = partition(newest());
    require(partition.isr().size() == NODES, "not all are in sync again: " + partition);
    SimulatedReplica leader = replica(partition.leader());
    require(committed.size() == leader.log.size(), "not everything is committed");
  }

  private void append(SimulatedReplica replica) {
    LeaderState leading = replica.leading;
    if (leading != null && (leading.hasEnoughInSync(minInSync) || random.nextInt(4) == 0)) {
      replica.log.add(nextRecord++);
      commit(replica, leading);
    }
  }

  private void commit(SimulatedReplica replica, LeaderState leading) {
    leading.ownEndMoved(replica.log.size());
    long watermark = leading.advance(minInSync);
    require(watermark >= replica.watermark, "the watermark goes back on " + replica.id);
    require(watermark <= replica.log.size(), "the watermark passes the log end");
    replica.watermark = watermark;
    for (int i = 0; i < watermark; i++) {
      int record = replica.log.get(i);
      if (i == committed.size()) {
        committed.add(record);
      }
      require(committed.get(i) == record, "two records were committed at " + i);
    }
  }

  private void fetch(SimulatedReplica follower, int records) {
    PartitionImage partition = partition(history.get(follower.viewed));
    if (!follower.alive || follower.brokerEpoch < 0 || partition.leader() <= 0) {
      return;
    }
    SimulatedReplica leader = replica(partition.leader());
    LeaderState leading = leader.leading;
    if (leading == null
        || leader.id == follower.id
        || leading.leaderEpoch() != partition.leaderEpoch()) {
      return;
    }
    int shared = 0;
    int end = Math.min(follower.log.size(), leader.log.size());
    while (shared < end && follower.log.get(shared).equals(leader.log.get(shared))) {
      shared++;
    }
    follower.cutTo(shared);
    leading.followerFetched(
        new FollowerProgress(
            follower.id, follower.brokerEpoch, partition.leaderEpoch(), shared, nowMs),
        leader.log.size());
    commit(leader, leading);
    int upTo = Math.min(leader.log.size(), shared + records);
    follower.log.addAll(leader.log.subList(shared, upTo));
    follower.watermark = Math.min(leader.watermark, follower.log.size());
  }

  /** The node's image comes to be this one, and its role what that says. */
  private void look(SimulatedReplica replica, int view) {
    replica.viewed = view;
    LeadershipImage image = history.get(view);
    PartitionImage seen = partition(image);
    BrokerImage own = image.broker(replica.id);
    boolean leads =
        replica.alive
            && seen.leader() == replica.id
            && own != null
            && own.incarnation().equals(replica.incarnation);
    LeaderTerm term = LeaderTerm.of(seen);
    LeaderState leading = replica.leading;
    if (!leads) {
      replica.leading = null;
    } else if (leading == null || leading.leaderEpoch() != term.leaderEpoch()) {
      replica.leading = new LeaderState(replica.id, term, replica.log.size(), replica.watermark);
      trace.add(replica.id + " leads in " + term + " from " + replica.log.size());
    } else {
      leading.termChanged(term);
      commit(replica, leading);
    }
  }

  private void propose(SimulatedReplica replica) {
    LeaderState leading = replica.leading;
    if (leading == null || inFlight.size() >= IN_FLIGHT_MAX) {
      return;
    }
    LeadershipImage image = history.get(replica.viewed);
    IsrProposal proposal = leading.propose(replica.log.size(), new View(image));
    if (proposal == null) {
      return;
    }
    List<IsrMember> members = new ArrayList<>();
    for (int node : proposal.wanted().toArray()) {
      members.add(new IsrMember(node, epochOf(image, node)));
    }
    IsrChange change =
        new IsrChange(TOPIC, 0, proposal.leaderEpoch(), proposal.partitionEpoch(), members);
    inFlight.add(new ChangeIsr(replica.id, replica.brokerEpoch, List.of(change)));
    trace.add(replica.id + " asks for " + proposal);
  }

  /** Some command on its way arrives: once, or once more later, or never. */
  private void deliver() {
    if (inFlight.isEmpty()) {
      return;
    }
    ChangeIsr command = inFlight.get(random.nextInt(inFlight.size()));
    int fate = isHealed ? 2 : random.nextInt(5);
    if (fate != 0) {
      inFlight.remove(command);
    }
    if (fate != 1) {
      apply(command);
    }
  }

  private void comeAndGo(SimulatedReplica replica) {
    long epoch = epochOf(newest(), replica.id);
    switch (random.nextInt(4)) {
      case 0 -> apply(new FenceBroker(replica.id, epoch));
      case 1 -> {
        if (replica.alive && replica.brokerEpoch == epoch) {
          apply(new DrainBroker(replica.id, epoch));
        }
      }
      default -> die(replica, epoch);
    }
  }

  /**
   * The process ends. One at a time may lose what was not on its disk, where somebody else is known
   * to hold it: two that lose the same have lost it.
   */
  private void die(SimulatedReplica replica, long epoch) {
    if (loser >= 0 || !replica.alive) {
      return;
    }
    boolean isClean = replica.brokerEpoch == epoch && random.nextInt(3) == 0;
    replica.stop(isClean ? epoch : -1);
    trace.add(replica.id + " stops, clean=" + isClean);
    PartitionImage partition = partition(newest());
    boolean isHeldElsewhere =
        !partition.isr().without(replica.id).isEmpty()
            || !partition.elr().without(replica.id).isEmpty();
    boolean othersAreKnown =
        replicas.stream()
            .allMatch(other ->
                other.equals(replica)
                    || (other.alive && other.brokerEpoch == epochOf(newest(), other.id)));
    if (!isClean && isHeldElsewhere && othersAreKnown && !replica.log.isEmpty()) {
      replica.cutTo(random.nextInt(replica.log.size()));
      loser = replica.id;
      trace.add(replica.id + " has kept " + replica.log.size());
    }
  }

  private void bringBack(SimulatedReplica replica) {
    if (!replica.alive) {
      replica.start();
      return;
    }
    BrokerImage seen = newest().broker(replica.id);
    if (replica.brokerEpoch < 0 || seen == null) {
      register(replica);
    } else if (seen.epoch() == replica.brokerEpoch && seen.fenced()) {
      apply(new UnfenceBroker(replica.id, replica.brokerEpoch));
    } else if (seen.draining()) {
      apply(new FenceBroker(replica.id, replica.brokerEpoch));
    }
  }

  private void register(SimulatedReplica replica) {
    Address address = new Address("node", replica.id);
    apply(
        new RegisterBroker(
            replica.id, replica.incarnation, address, address, null, replica.previousEpoch));
    replica.brokerEpoch = epochOf(newest(), replica.id);
    if (loser == replica.id) {
      loser = -1;
    }
  }

  private void apply(LeadershipCommand command) {
    quorum.apply(command);
    history.add(quorum.image().leadership());
    if (newest().topic(TOPIC) != null) {
      trace.add(command + " -> " + partition(newest()));
    }
  }

  /** Whoever may be elected, and whoever leads, holds everything that was committed. */
  private void check() {
    PartitionImage partition = partition(newest());
    for (SimulatedReplica each : replicas) {
      boolean counts = partition.isr().contains(each.id) || partition.elr().contains(each.id);
      boolean holds =
          each.log.size() >= committed.size()
              && each.log.subList(0, committed.size()).equals(committed);
      require(
          holds || !counts || each.id == loser,
          each.id + " has not what was committed, in " + partition);
    }
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private LeadershipImage newest() {
    return history.getLast();
  }

  private static PartitionImage partition(LeadershipImage image) {
    PartitionImage none =
        new PartitionImage(-1, -1, -1, NodeIds.of(1, 2, 3), NodeIds.of(1, 2, 3), NodeIds.NONE);
    return Objects.requireNonNullElse(image.partition(TOPIC, 0), none);
  }

  private static long epochOf(LeadershipImage image, int node) {
    BrokerImage broker = image.broker(node);
    return broker == null ? -1 : broker.epoch();
  }

  private SimulatedReplica replica(int id) {
    return replicas.get(id - 1);
  }

  /** What a leader knows of the others, some of it wrong. */
  private final class View implements IsrJudge {

    private final LeadershipImage image;

    private View(LeadershipImage image) {
      this.image = image;
    }

    @Override
    public long nowMs() {
      return nowMs;
    }

    @Override
    public long lagTimeMaxMs() {
      return LAG_MS;
    }

    @Override
    public boolean mayJoin(int nodeId, long brokerEpoch) {
      BrokerImage broker = image.broker(nodeId);
      return broker != null && broker.epoch() == brokerEpoch && broker.canLead();
    }

    @Override
    public boolean isGone(int nodeId, long lastHeardMs) {
      return !replica(nodeId).alive || (!isHealed && random.nextInt(50) == 0);
    }
  }
}
