package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Balance over brokers and racks, of one topic and of many that come one after another. */
class ReplicaPlacementTest {

  private LeadershipImage image = LeadershipImage.EMPTY;
  private int drawn;

  private void apply(LeadershipCommand command) {
    image = LeadershipRules.apply(image, command).image();
  }

  private void join(int id, String rack) {
    Address address = new Address("host" + id, 9092);
    apply(new RegisterBroker(id, new UUID(1, id), address, address, rack, -1));
    apply(new UnfenceBroker(id, image.lastBrokerEpoch()));
  }

  private void join(int brokers, int racks, String prefix) {
    for (int id = 0; id < brokers; id++) {
      join(id, prefix + id % racks);
    }
  }

  private void fence(int id) {
    BrokerImage broker = image.broker(id);
    apply(new FenceBroker(id, broker == null ? -1 : broker.epoch()));
  }

  private TopicImage create(int partitions, int factor) {
    String name = "topic-" + ++drawn;
    apply(new CreateTopics(List.of(NewTopic.placed(name, new UUID(2, drawn), partitions, factor))));
    return Objects.requireNonNull(image.topic(name), name);
  }

  private Map<Integer, Integer> leaders(Collection<TopicImage> topics) {
    Map<Integer, Integer> leaders = new TreeMap<>();
    image.brokers().forEach(broker -> leaders.put(broker.id(), 0));
    for (TopicImage topic : topics) {
      topic.partitions().forEach(p -> leaders.merge(p.leader(), 1, Integer::sum));
    }
    return leaders;
  }

  private Map<Integer, Integer> replicas(Collection<TopicImage> topics) {
    Map<Integer, Integer> replicas = new TreeMap<>();
    image.brokers().forEach(broker -> replicas.put(broker.id(), 0));
    for (TopicImage topic : topics) {
      for (PartitionImage partition : topic.partitions()) {
        partition.replicas().toList().forEach(id -> replicas.merge(id, 1, Integer::sum));
      }
    }
    return replicas;
  }

  private static void assertSpread(int atMost, Map<Integer, Integer> counts) {
    int difference = Collections.max(counts.values()) - Collections.min(counts.values());
    assertTrue(difference <= atMost, counts.toString());
  }

  @Test
  void spreadsLeadersAndReplicasOfOneTopicEvenlyOverBrokers() {
    for (int brokers : List.of(1, 2, 3, 5, 7, 12)) {
      for (int factor = 1; factor <= Math.min(3, brokers); factor++) {
        image = LeadershipImage.EMPTY;
        join(brokers, 1, "rack");
        create(2, 1); // so that it does not start at the first broker

        List<TopicImage> topic = List.of(create(brokers * 12, factor));

        assertEquals(Set.of(12), new HashSet<>(leaders(topic).values()), leaders(topic).toString());
        assertSpread(2, replicas(topic));
      }
    }
  }

  @Test
  void manyTopicsOfOnePartitionBalanceOverUnequalRacks() {
    join(0, "a");
    join(1, "a");
    join(2, "b");
    join(3, "b");
    join(4, "c");

    for (int i = 0; i < 300; i++) {
      TopicImage topic = create(1, 3);
      assertRacksDiffer(topic.partitions().getFirst().replicas());
    }

    assertSpread(1, leaders(image.topics()));
    Map<Integer, Integer> replicas = replicas(image.topics());
    assertEquals(300, replicas.remove(4), "the only one in its rack");
    assertSpread(2, replicas);
  }

  @Test
  void topicsOfDifferentShapesBalanceTogether() {
    join(5, 5, "rack");

    for (int i = 0; i < 100; i++) {
      create(1, 1);
      create(3, 3);
      create(4, 2);
    }

    assertSpread(1, leaders(image.topics()));
    assertSpread(2, replicas(image.topics()));
  }

  @Test
  void newBrokerTakesItsShareOfATopicAndNotAllOfIt() {
    join(3, 1, "rack");
    create(60, 3);
    join(3, "rack0");

    List<TopicImage> topic = List.of(create(40, 3));

    assertSpread(0, leaders(topic));
    assertSpread(1, replicas(topic));
  }

  @Test
  void newBrokerCatchesUpBySmallTopics() {
    join(3, 1, "rack");
    create(30, 3);
    join(3, "rack0");

    for (int i = 0; i < 12; i++) {
      create(1, 1);
    }

    assertEquals(10, leaders(image.topics()).get(3));
    assertSpread(1, leaders(image.topics()));
  }

  @Test
  void partitionsAddedOneByOneKeepTheTopicBalanced() {
    join(5, 1, "rack");
    UUID id = create(1, 3).id();

    for (int count = 2; count <= 20; count++) {
      apply(new CreatePartitions(id, count, List.of()));
    }

    assertSpread(0, leaders(image.topics()));
    assertSpread(2, replicas(image.topics()));
  }

  @Test
  void followersOfOneLeaderAreNotAlwaysTheSame() {
    join(6, 1, "rack");

    TopicImage topic = create(60, 2);

    Set<Integer> followersOfZero = new HashSet<>();
    topic.partitions().stream()
        .map(PartitionImage::replicas)
        .filter(replicas -> replicas.get(0) == 0)
        .forEach(replicas -> followersOfZero.add(replicas.get(1)));
    assertTrue(followersOfZero.size() >= 3, followersOfZero.toString());
  }

  @Test
  void whatABrokerLedIsSharedByTheOthersWhenItIsFenced() {
    for (int brokers : List.of(3, 4, 5)) {
      image = LeadershipImage.EMPTY;
      join(brokers, 1, "rack");
      TopicImage topic = create(60 * (brokers - 1), 3);

      fence(0);

      Map<Integer, Integer> leaders = leaders(image.topics());
      assertEquals(0, leaders.remove(0), topic.name());
      assertSpread(4, leaders);
    }
  }

  @Test
  void brokersThatAreAwayGetReplicasOnlyWhereTooFewAreThere() {
    join(4, 1, "rack");
    fence(1);

    TopicImage enough = create(12, 3);
    TopicImage tooFew = create(12, 4);

    assertEquals(0, replicas(List.of(enough)).get(1));
    for (PartitionImage partition : tooFew.partitions()) {
      assertTrue(partition.replicas().contains(1));
      assertEquals(3, partition.isr().size());
      assertEquals(3, partition.replicas().indexOf(1), "it comes last: it would not lead soon");
    }
  }

  private void assertRacksDiffer(NodeIds replicas) {
    Set<String> racks = new HashSet<>();
    for (int id : replicas.toList()) {
      BrokerImage broker = image.broker(id);
      assertTrue(broker != null && racks.add(String.valueOf(broker.rack())), replicas.toString());
    }
    assertFalse(replicas.hasDuplicates());
  }
}
