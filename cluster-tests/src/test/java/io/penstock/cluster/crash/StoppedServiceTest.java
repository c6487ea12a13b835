package io.penstock.cluster.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that is started as systemd starts it, and stopped by SIGSTOP. */
@Timeout(120)
class StoppedServiceTest {
  private static final int KILLED = 128 + 9;

  @SuppressWarnings("NullAway.Init") // before each test
  private Process service;

  @BeforeEach
  void start() throws IOException {
    Path directory = Distribution.scratch("service");
    Path configuration = directory.resolve("penstock.yaml");
    Files.write(
        configuration,
        List.of(
            "cluster: {session-timeout: 1s}",
            "data: {directories: [\"" + directory.resolve("data") + "\"]}",
            "listener: {address: \"127.0.0.1:0\"}",
            "peer: {address: \"127.0.0.1:0\"}"));
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "SYSTEMD_EXEC_PID=$$ exec \"$@\"", "service"));
    command.addAll(Distribution.command("server", "--config", configuration.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    service = builder.redirectError(directory.resolve("log").toFile()).start();
  }

  @AfterEach
  void end() {
    service.destroyForcibly();
  }

  @Test
  void endsByDefaultSoThatItsConnectionsEnd() throws Exception {
    BufferedReader says = service.inputReader(StandardCharsets.UTF_8);
    String line = says.readLine();
    while (line != null && !line.startsWith("try: ")) { // the last that it says
      line = says.readLine();
    }

    Command.run(10, "sh", "-c", "kill -STOP " + service.pid());

    assertEquals(KILLED, service.waitFor());
  }
}
