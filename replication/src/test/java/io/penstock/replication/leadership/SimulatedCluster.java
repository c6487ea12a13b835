package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.SimulatedData.PartitionKey;
import io.penstock.replication.value.Applied;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One schedule: brokers, the group that rules them, and a network that loses, doubles, delays and
 * reorders what they ask of it. All that happens follows from the seed.
 */
final class SimulatedCluster {

  private static final int TOPICS_MAX = 4;

  private final Random random;
  private final SimulatedData data = new SimulatedData();
  private final SimulatedGroup group;
  private final List<SimulatedBroker> brokers = new ArrayList<>();
  private final List<LeadershipCommand> network = new ArrayList<>();
  private final @Nullable List<String> history;
  private final Set<Situation> situations = EnumSet.noneOf(Situation.class);
  private int drawn;

  /**
   * @param history gets a line for everything that happens, where it is wanted
   */
  SimulatedCluster(long seed, @Nullable List<String> history) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.history = history;
    this.group = new SimulatedGroup(random, 3 + random.nextInt(3), this::applied);
    int size = 3 + random.nextInt(3);
    for (int id = 1; id <= size; id++) {
      SimulatedBroker broker = new SimulatedBroker(id, random, data);
      broker.start(draw());
      brokers.add(broker);
      network.add(broker.registration());
    }
  }

  private UUID draw() {
    return new UUID(7, ++drawn);
  }

  private void applied(
      int index,
      LeadershipCommand command,
      LeadershipImage before,
      Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied) {
    if (history != null) {
      history.add(index + ": " + command);
      applied.events().forEach(event -> history.add("    " + ScenarioInterpreter.print(event)));
    }
    LeadershipInvariants.check(before, applied.image(), command);
    data.applied(before, applied.image(), command);
    situations.addAll(Situation.of(before, command, applied));
  }

  Set<Situation> situations() {
    return situations;
  }

  void step() {
    if (random.nextInt(4) > 0) {
      deliver();
    }
    group.commit();
    group.applySome();
    observe(anyBroker());
    switch (random.nextInt(24)) {
      case 0 -> note("the group loses " + group.changeLeader() + " entries with its leader");
      case 1 -> group.takeSnapshot();
      case 2 -> group.restart();
      case 3 -> group.installSnapshot();
      case 4, 5 -> stopOrStart(anyBroker());
      case 6, 7, 8, 9, 10, 11 -> monitor(anyBroker());
      case 12 -> drain(anyBroker());
      case 13, 14, 15 -> changeIsr(anyBroker());
      case 16, 17 -> administer();
      default -> observe(anyBroker());
    }
    for (int i = 0; i < 3; i++) {
      moveData();
    }
  }

  /** The end: whatever was asked arrives, and all replicas agree. */
  void settle() {
    while (!network.isEmpty()) {
      group.append(network.remove(random.nextInt(network.size())));
    }
    group.settle();
  }

  private SimulatedBroker anyBroker() {
    return brokers.get(random.nextInt(brokers.size()));
  }

  private void ask(LeadershipCommand command) {
    network.add(command);
  }

  /** In any order; now and then lost, or left to arrive again. */
  private void deliver() {
    if (network.isEmpty()) {
      return;
    }
    int chosen = random.nextInt(network.size());
    int fate = random.nextInt(12);
    LeadershipCommand command = fate == 0 ? network.get(chosen) : network.remove(chosen);
    if (fate != 1) {
      group.append(command);
    }
  }

  private void stopOrStart(SimulatedBroker broker) {
    if (!broker.isAlive()) {
      broker.start(draw());
      ask(broker.registration());
      note("broker " + broker.id() + " starts");
    } else if (random.nextInt(3) == 0) {
      broker.stopCleanly();
      note("broker " + broker.id() + " stops cleanly");
    } else if (random.nextInt(2) == 0) {
      broker.crash();
      note("broker " + broker.id() + " crashes");
    } else if (random.nextInt(6) == 0) {
      broker.wipe(draw());
      note("broker " + broker.id() + " loses its disk");
    }
  }

  private void observe(SimulatedBroker broker) {
    int newer = group.lastApplied() - broker.viewAt();
    if (broker.isAlive() && newer > 0) {
      int index = group.lastApplied() - (random.nextBoolean() ? 0 : random.nextInt(newer));
      broker.observe(index, group.imageAt(index));
    }
  }

  /** What the leader of the group does about a broker, by what it knows itself; often right. */
  private void monitor(SimulatedBroker broker) {
    BrokerImage known = group.imageOfLeader().broker(broker.id());
    if (broker.isAlive() && !broker.isRegistered()) {
      ask(broker.registration());
    }
    if (known == null) {
      return;
    }
    boolean present = broker.isAlive() && broker.epoch() == known.epoch();
    if (!known.fenced() && (!present || random.nextInt(12) == 0)) {
      ask(new FenceBroker(known.id(), known.epoch()));
    } else if (known.fenced() && present) {
      ask(new UnfenceBroker(known.id(), known.epoch()));
    }
  }

  private void drain(SimulatedBroker broker) {
    if (broker.isAlive() && broker.isRegistered() && random.nextInt(2) == 0) {
      ask(new DrainBroker(broker.id(), broker.epoch()));
    }
  }

  private void changeIsr(SimulatedBroker broker) {
    LeadershipCommand change = broker.isrChanges();
    if (change != null) {
      ask(change);
    }
  }

  private void administer() {
    LeadershipImage image = anyBroker().view();
    UUID topic = anyTopic(image);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> {
        if (image.topicCount() < TOPICS_MAX) {
          ask(new CreateTopics(List.of(newTopic())));
        }
      }
      case 5 -> ask(new ElectLeaders(ElectionKind.PREFERRED, List.of()));
      case 6 -> ask(new ElectLeaders(ElectionKind.UNCLEAN, List.of()));
      case 7 -> ask(new CreatePartitions(topic, 1 + random.nextInt(4), List.of()));
      case 8, 9 -> ask(new SetMinInsyncReplicas(topic, 1 + random.nextInt(3)));
      case 10 -> ask(new UnregisterBroker(1 + random.nextInt(brokers.size())));
      default -> {
        if (random.nextInt(3) == 0) {
          ask(new DeleteTopics(List.of(topic)));
        }
      }
    }
  }

  private NewTopic newTopic() {
    return NewTopic.placed(
            "topic" + random.nextInt(6), draw(), 1 + random.nextInt(3), 1 + random.nextInt(3))
        .withMinInsyncReplicas(1 + random.nextInt(3));
  }

  private UUID anyTopic(LeadershipImage image) {
    List<TopicImage> topics = image.topics();
    return topics.isEmpty() ? new UUID(9, 9) : topics.get(random.nextInt(topics.size())).id();
  }

  /** Some broker takes a record as leader, or fetches as follower, of some partition. */
  private void moveData() {
    SimulatedBroker broker = anyBroker();
    TopicImage topic = broker.view().topic(anyTopic(broker.view()));
    if (!broker.isAlive() || topic == null) {
      return;
    }
    PartitionKey key = new PartitionKey(topic.id(), random.nextInt(topic.partitionCount()));
    PartitionImage partition = broker.view().partition(key.topic(), key.partition());
    if (partition == null || !partition.replicas().contains(broker.id())) {
      return;
    }
    PartitionImage led = broker.led(key);
    if (led != null) {
      PartitionImage newest = group.newestImage().partition(key.topic(), key.partition());
      if (newest != null && newest.leaderEpoch() == led.leaderEpoch()) {
        data.leads(key, led.leaderEpoch(), broker.log(key));
      }
      broker.produce(key, led, ++drawn);
    } else if (partition.hasLeader() && partition.leader() != broker.id()) {
      broker.fetchFrom(brokers.get(partition.leader() - 1), key, partition);
    }
  }

  private void note(String line) {
    if (history != null) {
      history.add(line);
    }
  }
}
