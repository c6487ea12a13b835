package io.penstock.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom node 1 of three names, where each leads one partition. */
class KnownLeadersTest {

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1, 2, 3);

  @BeforeEach
  void lead() {
    List<NodeIds> replicas = List.of(NodeIds.of(1, 2), NodeIds.of(2, 3), NodeIds.of(3, 1));
    control.apply(new CreateTopics(List.of(NewTopic.assigned("t", new UUID(1, 2), replicas))));
  }

  @Test
  void namesEverybodyWhoIsNotFenced() {
    control.setLeader(GroupName.LEADERSHIP, 3);
    assertNamed(false, 3, List.of(1, 2, 3), List.of(1, 2, 3));

    fence(3);

    assertNamed(false, 1, List.of(1, 2), List.of(1, 2, 1));
  }

  @Test
  void leavesThisNodeOutOfEverythingWhileItIsCutOff() {
    assertNamed(true, 2, List.of(2, 3), List.of(-1, 2, 3));
  }

  @Test
  void namesNoControllerThatIsNotAmongTheBrokers() {
    control.setLeader(GroupName.LEADERSHIP, 1);
    assertNamed(true, 2, List.of(2, 3), List.of(-1, 2, 3));

    control.setLeader(GroupName.LEADERSHIP, 3);

    assertNamed(true, 3, List.of(2, 3), List.of(-1, 2, 3));
  }

  @Test
  void namesThisNodeThoughCutOffWhereThereIsNobodyElseToAskAgainButNotAsALeader() {
    fence(2);
    fence(3);

    assertNamed(true, 1, List.of(1), List.of(-1, -1, -1));
  }

  @Test
  void namesNobodyWhereAllAreFenced() {
    fence(1);
    fence(2);
    fence(3);

    assertNamed(false, -1, List.of(), List.of(-1, -1, -1));
    assertNamed(true, -1, List.of(), List.of(-1, -1, -1));
  }

  private void assertNamed(
      boolean isCutOff, int controller, List<Integer> brokers, List<Integer> leaders) {
    KnownLeaders known = KnownLeaders.now(control, () -> isCutOff);
    assertEquals(controller, known.controllerId());
    assertEquals(brokers, known.brokers().stream().map(BrokerImage::id).sorted().toList());
    TopicImage topic = known.image().topic("t");
    assertNotNull(topic);
    assertEquals(leaders, topic.partitions().stream().map(known::leaderOf).toList());
    for (PartitionImage partition : topic.partitions()) {
      int leader = known.leaderOf(partition);
      BrokerImage broker = known.brokerLeading(partition);
      if (leader == PartitionImage.NO_LEADER) {
        assertNull(broker);
      } else {
        assertNotNull(broker);
        assertEquals(leader, broker.id());
      }
    }
    for (int id = 1; id <= 3; id++) {
      assertEquals(brokers.contains(id), known.lists(id));
    }
  }

  private void fence(int id) {
    BrokerImage broker = control.image().leadership().broker(id);
    assertNotNull(broker);
    control.apply(new FenceBroker(id, broker.epoch()));
  }
}
