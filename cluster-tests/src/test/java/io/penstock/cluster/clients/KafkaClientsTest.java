package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link ClientRoundTrip} and {@link AdminTour} with the jars of each version of kafka-clients that
 * we answer for.
 */
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

    Command program =
        run(
            jarsOf,
            ClientRoundTrip.class,
            "round-trip-" + jarsOf + "-" + Long.toHexString(seed),
            Long.toString(seed));

    assertEquals(0, program.exitCode(), () -> "seed " + seed + "\n" + program.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka-current", "kafka-clients-old"})
  void administersTheClusterAsItsOwn(String jarsOf) {
    Command program = run(jarsOf, AdminTour.class, "admin-tour-" + jarsOf);

    assertEquals(0, program.exitCode(), program::output);
  }

  private Command run(String jarsOf, Class<?> program, String... arguments) {
    Path jars = Path.of("target", jarsOf).toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(jars + "/*:" + Path.of("target", "test-classes").toAbsolutePath());
    command.add(program.getName());
    command.add(broker.bootstrap());
    command.addAll(List.of(arguments));
    return Command.run(240, command.toArray(String[]::new));
  }
}
