package io.penstock.client.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.net.BrokerConnectionException.Kind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection for each broker, and patience with those that cannot be reached. */
@Timeout(60)
class ConnectionPoolTest {

  private final AtomicLong nowMs = new AtomicLong();
  private final FakeBroker broker = new FakeBroker();
  private final ClientTransport transport = ClientTransport.owning("test-pool", 1);
  private final ConnectionPool pool =
      new ConnectionPool(transport, ConnectionSettings.defaults("test"), nowMs::get);

  @AfterEach
  void close() {
    pool.close();
    transport.close();
    broker.close();
  }

  @Test
  void brokerIsConnectedToOnce() throws Exception {
    BrokerConnection first = open();
    BrokerConnection second = open();

    assertSame(first, second);
    assertEquals(1, broker.connectionsSeen());
  }

  @Test
  void endedConnectionIsReplaced() throws Exception {
    BrokerConnection first = open();
    broker.hangUpOnAll();
    await().until(() -> !first.isOpen());

    BrokerConnection second = open();

    assertNotSame(first, second);
    assertTrue(second.isOpen());
  }

  @Test
  void brokerThatFailedIsLeftAloneForAMoment() throws Exception {
    broker.on(ApiKeys.API_VERSIONS, FakeBroker.Exchange::hangUp);
    assertEquals(Kind.CLOSED, BrokerConnectionTest.failureOf(pool.connection(broker.endpoint())));

    assertEquals(Kind.CLOSED, BrokerConnectionTest.failureOf(pool.connection(broker.endpoint())));
    assertEquals(1, broker.connectionsSeen());

    nowMs.addAndGet(1_000);
    assertEquals(Kind.CLOSED, BrokerConnectionTest.failureOf(pool.connection(broker.endpoint())));
    assertEquals(2, broker.connectionsSeen());
  }

  @Test
  void closedPoolClosesItsConnectionsAndOpensNoMore() throws Exception {
    BrokerConnection connection = open();

    pool.close();

    await().until(() -> !connection.isOpen());
    assertEquals(Kind.CLOSED, BrokerConnectionTest.failureOf(pool.connection(broker.endpoint())));
  }

  private BrokerConnection open() throws Exception {
    return pool.connection(broker.endpoint()).get(30, TimeUnit.SECONDS);
  }
}
