package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One schedule from its seed to its end: all parts, and the order of its phases. */
final class Simulation {

  private static final UUID TOPIC = new UUID(7, 7);
  private static final long SETTLE_MS = 40_000;
  private static final int ALL = -1;

  private final Random random;
  private final SimTime time = new SimTime();
  private final Trace trace;
  private final Plan plan;
  private final SimNetwork network;
  private final Quorum quorum;
  private final AnswerBytes buffers;
  private final List<SimNode> nodes = new ArrayList<>();
  private final Budget budget;
  private final Checker checker;
  private final List<SimProducer> producers = new ArrayList<>();
  private final List<SimConsumer> consumers = new ArrayList<>();
  private long numbers;
  private long steps;

  Simulation(long seed, boolean readable, AnswerBytes buffers) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.trace = new Trace(time, readable);
    this.buffers = buffers;
    this.plan = Plan.of(random);
    this.network = new SimNetwork(time, random);
    this.quorum = new Quorum(this, plan.sessionMs());
    this.budget = new Budget(this);
    this.checker = new Checker(this);
    for (int id = 1; id <= plan.nodes(); id++) {
      nodes.add(new SimNode(id, this));
    }
  }

  // Parts ------------------------------------------------------------------------------------

  Random random() {
    return random;
  }

  SimTime time() {
    return time;
  }

  Trace trace() {
    return trace;
  }

  Plan plan() {
    return plan;
  }

  SimNetwork network() {
    return network;
  }

  Quorum quorum() {
    return quorum;
  }

  AnswerBytes buffers() {
    return buffers;
  }

  Budget budget() {
    return budget;
  }

  Checker checker() {
    return checker;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  SimNode node(int id) {
    return nodes.get(id - 1);
  }

  long nextNumber() {
    return ++numbers;
  }

  long steps() {
    return steps;
  }

  // What clients know --------------------------------------------------------------------------

  ReplicaKey anyPartition() {
    return new ReplicaKey(TOPIC, random.nextInt(plan.partitions()));
  }

  /** What some living node's image says of a partition; null where there is none. */
  @Nullable PartitionImage partitionAsSeenBySomebody(ReplicaKey key) {
    SimBroker asked = nodes.get(random.nextInt(nodes.size())).broker();
    if (asked == null || asked.process().isPaused()) {
      return null;
    }
    LeadershipImage image = asked.membership().leadership();
    return image.partition(key.topicId(), key.partition());
  }

  int leaderOf(ReplicaKey key) {
    PartitionImage partition = partitionAsSeenBySomebody(key);
    return partition == null ? PartitionImage.NO_LEADER : partition.leader();
  }

  /** Deletes what every producer has long been told of, so that none of them is forgotten. */
  void deleteSomeRecords() {
    ReplicaKey key = anyPartition();
    int leader = leaderOf(key);
    SimBroker broker = leader < 0 ? null : node(leader).broker();
    List<BatchInfo> committed = checker.partition(key).history().batches();
    int spared = 4 + random.nextInt(12);
    if (broker == null || committed.size() <= spared || !areAllInTail(key, committed, spared)) {
      return;
    }
    BatchInfo first = committed.get(committed.size() - spared);
    long before = first.baseOffset() + random.nextInt(first.records());
    trace.say("delete records of " + key.partition() + " before " + before + " at " + leader);
    broker.process().execute(() -> broker.clientServer().deleteRecords(key, before));
  }

  private boolean areAllInTail(ReplicaKey key, List<BatchInfo> committed, int tail) {
    Set<Long> ids = new HashSet<>();
    committed
        .subList(committed.size() - tail, committed.size())
        .forEach(batch -> ids.add(batch.producerId()));
    return producers.stream()
        .filter(producer -> producer.key().equals(key))
        .allMatch(producer -> ids.contains(producer.id()));
  }

  // Phases -------------------------------------------------------------------------------------

  /** Runs the schedule; fails where a promise is broken, or what was mended does not recover. */
  void run() {
    trace.say(plan.toString());
    quorum.observe((_, before, after) -> budget.applied(before, after));
    quorum.start();
    nodes.forEach(SimNode::start);
    createTopic();
    Nemesis nemesis = new Nemesis(this);
    producers.forEach(SimProducer::start);
    consumers.forEach(SimConsumer::start);
    nemesis.start();
    runUntil(time.nowMs() + plan.durationMs());
    nemesis.end();
    settle();
  }

  private void createTopic() {
    long giveUpMs = time.nowMs() + SETTLE_MS;
    while (quorum.newest().brokers().stream().filter(BrokerImage::canLead).count() < plan.nodes()) {
      step(giveUpMs);
    }
    for (int partition = 0; partition < plan.partitions(); partition++) {
      addClients(new ReplicaKey(TOPIC, partition));
    }
    NewTopic topic =
        NewTopic.placed("topic", TOPIC, plan.partitions(), 3)
            .withMinInsyncReplicas(plan.minInSync());
    quorum.propose(new CreateTopics(List.of(topic)), (_, _) -> {});
    while (quorum.newest().topic(TOPIC) == null) {
      step(giveUpMs);
    }
  }

  private void addClients(ReplicaKey key) {
    Set<Long> careful = new HashSet<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      long id = nextNumber();
      int acks = random.nextInt(4) == 0 ? 1 : ALL;
      int batches = 1 + random.nextInt(plan.batchesPerProducer());
      producers.add(new SimProducer(id, key, acks, batches, this));
      if (acks == ALL) {
        careful.add(id);
      }
    }
    checker.addPartition(key, careful);
    consumers.add(new SimConsumer(key, random.nextBoolean(), this));
  }

  private void runUntil(long endMs) {
    while (time.nowMs() < endMs) {
      step(Long.MAX_VALUE);
    }
  }

  private void step(long giveUpMs) {
    if (time.nowMs() > giveUpMs || !time.step()) {
      throw new AssertionError("nothing happens any more");
    }
    steps++;
    checker.check();
  }

  private void settle() {
    long giveUpMs = time.nowMs() + SETTLE_MS;
    EndCheck end = new EndCheck(this, TOPIC, producers, consumers);
    long lookMs = 0;
    while (true) {
      if (time.nowMs() >= lookMs) {
        if (end.isSettled()) {
          break;
        }
        lookMs = time.nowMs() + 50;
      }
      if (time.nowMs() > giveUpMs) {
        throw new AssertionError("does not settle:\n" + end.describe());
      }
      step(Long.MAX_VALUE);
    }
    end.check();
  }
}
