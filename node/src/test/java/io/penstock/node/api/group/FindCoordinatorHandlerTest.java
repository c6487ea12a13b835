package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.admin.Exchange;
import io.penstock.node.api.admin.TopicCreation;
import io.penstock.node.config.NodeConfigReader;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who coordinates which groups, where two nodes lead a partition of the topic each. */
class FindCoordinatorHandlerTest {

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1, 2);
  private BooleanSupplier cutOff = () -> false;
  private FindCoordinatorHandler handler;

  @BeforeEach
  void build() throws Exception {
    List<NodeIds> replicas = List.of(NodeIds.of(1, 2), NodeIds.of(2, 1));
    control.apply(
        new CreateTopics(List.of(NewTopic.assigned(OffsetsTopic.NAME, new UUID(1, 2), replicas))));
    TopicCreation topics =
        new TopicCreation(
            control,
            (_, _) -> CompletableFuture.completedFuture(null),
            NodeConfigReader.parse("test.yaml", ""));
    handler =
        new FindCoordinatorHandler(
            () -> KnownLeaders.now(control, cutOff),
            new OffsetsTopicCreation(topics, control::image, 2, () -> 0L));
  }

  /** A group whose home is this partition. */
  private String groupOf(int partition) {
    TopicImage topic = control.image().leadership().topic(OffsetsTopic.NAME);
    assertNotNull(topic);
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "g" + i)
        .filter(id -> OffsetsTopic.partitionOf(id, topic) == partition)
        .findFirst()
        .orElseThrow();
  }

  private List<Coordinator> find(int version) {
    FindCoordinatorResponseData answer =
        Exchange.ask(
            handler,
            version,
            new FindCoordinatorRequestData().setCoordinatorKeys(List.of(groupOf(0), groupOf(1))),
            FindCoordinatorResponseData.class);
    return answer.coordinators();
  }

  @Test
  void leadersOfPartitionsCoordinateTheirGroups() {
    for (int version = 4; version <= handler.highestVersion(); version++) {
      assertEquals(List.of(1, 2), find(version).stream().map(Coordinator::nodeId).toList());
    }
    FindCoordinatorResponseData single =
        Exchange.ask(
            handler,
            3,
            new FindCoordinatorRequestData().setKey(groupOf(1)),
            FindCoordinatorResponseData.class);
    assertEquals(2, single.nodeId());
  }

  @Test
  void nobodyIsSentToWhoIsNotKnownToLead() {
    cutOff = () -> true;

    List<Coordinator> found = find(6);

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), found.get(0).errorCode());
    assertEquals(-1, found.get(0).nodeId());
    assertEquals(2, found.get(1).nodeId());
  }

  @Test
  void oneAnswerIsOfOneMomentThoughTheNodeComesBackMeanwhile() {
    AtomicInteger asked = new AtomicInteger();
    cutOff = () -> asked.getAndIncrement() == 0;
    String own = groupOf(0);

    FindCoordinatorResponseData answer =
        Exchange.ask(
            handler,
            6,
            new FindCoordinatorRequestData().setCoordinatorKeys(List.of(own, own)),
            FindCoordinatorResponseData.class);

    assertEquals(List.of(-1, -1), answer.coordinators().stream().map(Coordinator::nodeId).toList());
  }
}
