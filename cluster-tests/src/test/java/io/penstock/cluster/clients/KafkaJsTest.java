package io.penstock.cluster.clients;

import io.penstock.cluster.process.BrokerUnderTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** kafkajs from npm, by the program in {@code src/test/js}; installed there on first use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class KafkaJsTest {
  private BrokerUnderTest broker;

  @BeforeAll
  void start() {
    KafkaJs.install();
    broker = BrokerUnderTest.open("kafkajs");
  }

  @AfterAll
  void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void createsProducesAndFetches() {
    KafkaJs.run(60, "round-trip.js", broker.bootstrap(), "kafkajs-" + System.nanoTime());
  }
}
