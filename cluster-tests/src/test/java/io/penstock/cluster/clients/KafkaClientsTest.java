package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.Command;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ClientRoundTrip} with the jars of each version of kafka-clients that we answer for. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class KafkaClientsTest {
  private BrokerUnderTest broker;

  @BeforeAll
  void start() {
    broker = BrokerUnderTest.open("kafka-clients");
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka-current", "kafka-clients-old"})
  void readsBackWhatItWrote(String jarsOf) {
    long seed = new Random().nextLong();
    Path jars = Path.of("target", jarsOf).toAbsolutePath();

    Command program =
        Command.run(
            240,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            jars + "/*:" + Path.of("target", "test-classes").toAbsolutePath(),
            ClientRoundTrip.class.getName(),
            broker.bootstrap(),
            "round-trip-" + jarsOf + "-" + Long.toHexString(seed),
            Long.toString(seed));

    assertEquals(0, program.exitCode(), () -> "seed " + seed + "\n" + program.output());
  }
}
