package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs in {@code src/test/python} that use the system's kafka-python. */
final class KafkaPython {
  private static final Path PROGRAMS = Path.of("src", "test", "python").toAbsolutePath();
  private static final String PYTHON =
      "/usr/bin/python3"; // packages of the system are for this one

  private KafkaPython() {}

  /** Skips the test where there is no kafka-python, unless it has to be there. */
  static void assumeInstalled() {
    Clients.assume(
        Command.exists(PYTHON) && Command.run(30, PYTHON, "-c", "import kafka").exitCode() == 0,
        "kafka-python");
  }

  /** Runs a program to its end, which has to be a good one. */
  static void run(int seconds, String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(PYTHON, PROGRAMS.resolve(program).toString()));
    command.addAll(List.of(arguments));
    Command ended = Command.run(seconds, command.toArray(String[]::new));
    assertEquals(0, ended.exitCode(), ended::output);
  }
}
