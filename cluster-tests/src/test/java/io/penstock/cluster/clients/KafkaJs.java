package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs in {@code src/test/js} that use kafkajs, which npm installs there on first use. */
final class KafkaJs {
  private static final Path PROGRAMS = Path.of("src", "test", "js").toAbsolutePath();

  private KafkaJs() {}

  /** Skips the test where there is no npm, unless it has to be there. */
  static void install() {
    Clients.assumeInstalled("npm");
    Command install =
        Command.run(180, "npm", "ci", "--prefix", PROGRAMS.toString(), "--ignore-scripts");
    assertEquals(0, install.exitCode(), install::output);
  }

  /** Runs a program to its end, which has to be a good one. */
  static void run(int seconds, String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of("node", PROGRAMS.resolve(program).toString()));
    command.addAll(List.of(arguments));
    Command ended = Command.run(seconds, command.toArray(String[]::new));
    assertEquals(0, ended.exitCode(), ended::output);
  }
}
