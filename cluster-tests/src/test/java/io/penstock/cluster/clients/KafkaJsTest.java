package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.Command;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** kafkajs from npm, by the program in {@code src/test/js}; installed there on first use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class KafkaJsTest {
  private static final Path PROGRAM = Path.of("src", "test", "js").toAbsolutePath();
  private BrokerUnderTest broker;

  @BeforeAll
  void start() {
    Clients.assumeInstalled("npm");
    Command install =
        Command.run(180, "npm", "ci", "--prefix", PROGRAM.toString(), "--ignore-scripts");
    assertEquals(0, install.exitCode(), install::output);
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
    Command program =
        Command.run(
            60,
            "node",
            PROGRAM.resolve("round-trip.js").toString(),
            broker.bootstrap(),
            "kafkajs-" + System.nanoTime());

    assertEquals(0, program.exitCode(), program::output);
  }
}
