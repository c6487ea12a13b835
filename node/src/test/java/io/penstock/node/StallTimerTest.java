package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that stand still, and that do not. */
@Timeout(120)
class StallTimerTest {

  private static final Duration STALL = Duration.ofSeconds(3);
  private static final int KILLED = 128 + 9;

  @SuppressWarnings("NullAway.Init") // by each test
  private Process process;

  /** A process with such a timer. */
  static final class Standing {

    private Standing() {}

    /** Says "armed", "alive" when the timer would have run out twice, and "at rest" at its end. */
    public static void main(String[] arguments) throws Exception {
      try (StallTimer timer = new StallTimer(STALL)) {
        timer.arm();
        System.out.println("armed");
        long untilNs = System.nanoTime() + STALL.multipliedBy(2).toNanos();
        while (System.nanoTime() - untilNs < 0) {
          LockSupport.parkNanos(STALL.toNanos() / 10);
        }
        System.out.println("alive");
      }
      System.out.println("at rest");
      while (System.in.read() >= 0) {
        // Until it is let go.
      }
    }
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  private BufferedReader start() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Standing.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return process.inputReader(StandardCharsets.UTF_8);
  }

  private void signal(String name) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor());
  }

  @Test
  void aProcessThatIsStoppedIsEnded() throws Exception {
    BufferedReader says = start();
    assertEquals("armed", says.readLine());

    signal("STOP");

    assertEquals(KILLED, process.waitFor());
  }

  @Test
  void aProcessThatGoesOnIsNotEndedAndMayStandStillWhenItsTimerIsAtRest() throws Exception {
    BufferedReader says = start();
    assertEquals("armed", says.readLine());
    assertEquals("alive", says.readLine());
    assertEquals("at rest", says.readLine());

    signal("STOP");

    assertFalse(process.waitFor(2 * STALL.toMillis(), TimeUnit.MILLISECONDS), "it was ended");
    signal("CONT");
    process.outputWriter().close();
    assertEquals(0, process.waitFor());
  }
}
