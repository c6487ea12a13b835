package io.penstock.cluster.process;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@link KafkaTools} make of a process that is none of theirs. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KafkaToolsTest {

  @Test
  void toolThatDoesNotEndIsEnded() throws IOException {
    Process silent = new ProcessBuilder("sleep", "600").start();

    try (KafkaTools tools = new KafkaTools(silent, Duration.ofMillis(100))) {
      IllegalStateException late =
          assertThrows(IllegalStateException.class, () -> tools.run("any", "--help"));

      assertTrue(String.valueOf(late.getMessage()).contains("takes longer than"));
    }
  }
}
