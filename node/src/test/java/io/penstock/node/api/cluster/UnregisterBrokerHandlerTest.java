package io.penstock.node.api.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.admin.Exchange;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Which brokers can be forgotten. */
class UnregisterBrokerHandlerTest {

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
  private final UnregisterBrokerHandler handler = new UnregisterBrokerHandler(control);

  @Test
  void forgetsABrokerThatIsFencedAndHoldsNothing() {
    fencedBroker(2);

    assertEquals(Errors.NONE.code(), ask(2).errorCode());

    assertNull(control.image().leadership().broker(2));
  }

  @Test
  void keepsABrokerThatLives() {
    assertEquals(Errors.INVALID_REQUEST.code(), ask(1).errorCode());
    assertNotNull(control.image().leadership().broker(1));
  }

  @Test
  void keepsABrokerThatPartitionsCountOn() {
    long epoch = control.addBroker(2, "elsewhere", 9);
    control.apply(
        new CreateTopics(
            List.of(NewTopic.assigned("a", new UUID(1, 2), List.of(NodeIds.of(1, 2))))));
    control.apply(new FenceBroker(2, epoch));

    UnregisterBrokerResponseData response = ask(2);

    assertEquals(Errors.INVALID_REQUEST.code(), response.errorCode());
    assertTrue(
        response.errorMessage().contains("broker 2 holds 1 replicas"), response.errorMessage());
  }

  @Test
  void knowsNoOtherBroker() {
    assertEquals(Errors.BROKER_ID_NOT_REGISTERED.code(), ask(7).errorCode());
  }

  @Test
  void tellsThatNobodyAnswered() {
    fencedBroker(2);
    control.next(Fate.LOST);

    assertEquals(Errors.REQUEST_TIMED_OUT.code(), ask(2).errorCode());
  }

  private void fencedBroker(int id) {
    control.apply(new FenceBroker(id, control.addBroker(id, "elsewhere", 9)));
  }

  private UnregisterBrokerResponseData ask(int brokerId) {
    return Exchange.ask(
        handler,
        0,
        new UnregisterBrokerRequestData().setBrokerId(brokerId),
        UnregisterBrokerResponseData.class);
  }
}
