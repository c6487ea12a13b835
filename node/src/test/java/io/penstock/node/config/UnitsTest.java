package io.penstock.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Holds quantities to one meaning each. */
class UnitsTest {

  @Test
  void readsWholeNumbersWithUnits() {
    assertEquals(128L << 20, Units.bytes("128MiB").getAsLong());
    assertEquals(3L << 40, Units.bytes("3 TiB").getAsLong());
    assertEquals(0, Units.bytes("0B").getAsLong());
    assertEquals(7 * 86_400_000L, Units.millis("7d").getAsLong());
    assertEquals(250, Units.millis("250ms").getAsLong());
  }

  @Test
  void refusesEverythingElse() {
    for (String text : new String[] {"", "1", "1.5GiB", "-1s", "1mib", "MiB", "1 M iB", "1e3B"}) {
      assertTrue(Units.bytes(text).isEmpty(), text);
      assertTrue(Units.millis(text).isEmpty(), text);
    }
    assertTrue(Units.bytes("999999999999TiB").isEmpty(), "does not fit 64 bits");
  }

  @Test
  void printsTheShortestExactForm() {
    assertEquals("100MiB", Units.printBytes(100 << 20));
    assertEquals("1048588B", Units.printBytes(1_048_588));
    assertEquals("0B", Units.printBytes(0));
    assertEquals("10m", Units.printDuration(Duration.ofMinutes(10)));
    assertEquals("1500ms", Units.printDuration(Duration.ofMillis(1500)));
  }
}
