package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.penstock.replication.value.NodeIds;
import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What clients are told when they give topics more partitions. */
class CreatePartitionsHandlerTest {

  private final Cluster cluster = Cluster.with("limits: {partitions: 30}");
  private final CreatePartitionsHandler handler =
      new CreatePartitionsHandler(cluster.control, cluster.served, cluster.config.limits());

  @Test
  void addsPartitionsInEveryVersion() {
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      cluster.topic("t" + version, 1);

      assertEquals(Errors.NONE, ask(version, grow("t" + version, 3)));

      assertEquals(3, cluster.known("t" + version).partitionCount());
    }
  }

  @Test
  void refusesWhatIsNoGrowth() {
    cluster.topic("a", 2);

    assertEquals(Errors.INVALID_PARTITIONS, ask(3, grow("a", 2)));
    assertEquals(Errors.INVALID_PARTITIONS, ask(3, grow("a", -5)));
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, ask(3, grow("b", 2)));
    assertEquals(Errors.POLICY_VIOLATION, ask(3, grow("a", 31)));
    assertEquals(2, cluster.known("a").partitionCount());
  }

  @Test
  void leavesTopicsAsTheyAreWhosePartitionsAreFoundByHash() {
    cluster.topic("__consumer_offsets", 2);

    assertEquals(Errors.INVALID_TOPIC_EXCEPTION, ask(3, grow("__consumer_offsets", 3)));

    assertEquals(2, cluster.known("__consumer_offsets").partitionCount());
  }

  @Test
  void takesOneAssignmentForEachNewPartition() {
    cluster.topic("a", 1);
    CreatePartitionsAssignment here = new CreatePartitionsAssignment().setBrokerIds(List.of(1));

    assertEquals(
        Errors.INVALID_REPLICA_ASSIGNMENT, ask(3, grow("a", 3).setAssignments(List.of(here))));
    assertEquals(Errors.NONE, ask(3, grow("a", 2).setAssignments(List.of(here))));
  }

  @Test
  void placesNewPartitionsWhereTheRequestSays() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(1, 2));
    CreatePartitionsHandler handler =
        new CreatePartitionsHandler(three.control, three.served, three.config.limits());
    CreatePartitionsAssignment there = new CreatePartitionsAssignment().setBrokerIds(List.of(3, 2));
    CreatePartitionsAssignment alone = new CreatePartitionsAssignment().setBrokerIds(List.of(3));

    assertEquals(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        ask(handler, 3, grow("a", 2).setAssignments(List.of(alone))));
    assertEquals(Errors.NONE, ask(handler, 3, grow("a", 2).setAssignments(List.of(there))));

    assertEquals(NodeIds.of(3, 2), three.known("a").partitions().get(1).replicas());
  }

  @Test
  void onlyValidatesWhereAsked() {
    cluster.topic("a", 1);
    CreatePartitionsRequestData request = request(grow("a", 2)).setValidateOnly(true);

    CreatePartitionsResponseData response =
        Exchange.ask(handler, 3, request, CreatePartitionsResponseData.class);

    assertEquals(Errors.NONE.code(), response.results().getFirst().errorCode());
    assertEquals(1, cluster.known("a").partitionCount());
  }

  @Test
  void answersWhenTheNewPartitionsAreServedOrTheTimeIsOver() {
    cluster.topic("a", 1);
    cluster.served.hold();
    FakeLoop loop = new FakeLoop();
    Exchange exchange = Exchange.start(handler, 3, request(grow("a", 2)), loop);
    assertFalse(exchange.isAnswered());

    loop.advance(1_000);

    assertEquals(
        Errors.REQUEST_TIMED_OUT.code(),
        exchange.response(CreatePartitionsResponseData.class).results().getFirst().errorCode());
  }

  private Errors ask(int version, CreatePartitionsTopic topic) {
    return ask(handler, version, topic);
  }

  private static Errors ask(
      CreatePartitionsHandler handler, int version, CreatePartitionsTopic topic) {
    CreatePartitionsResponseData response =
        Exchange.ask(handler, version, request(topic), CreatePartitionsResponseData.class);
    assertEquals(1, response.results().size());
    return Errors.forCode(response.results().getFirst().errorCode());
  }

  private static CreatePartitionsRequestData request(CreatePartitionsTopic topic) {
    CreatePartitionsRequestData request = new CreatePartitionsRequestData().setTimeoutMs(1_000);
    request.topics().add(topic);
    return request;
  }

  private static CreatePartitionsTopic grow(String name, int count) {
    return new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
  }
}
