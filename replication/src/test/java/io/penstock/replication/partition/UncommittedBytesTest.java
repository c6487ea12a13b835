package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** How many bytes are said to be committed: never too few, and not all that ever were. */
final class UncommittedBytesTest {

  @Test
  void leaderAloneCommitsWhatItAppends() {
    UncommittedBytes bytes = new UncommittedBytes();
    bytes.appended(100);
    assertEquals(100, bytes.committed(1, 1));
    bytes.appended(70);
    assertEquals(70, bytes.committed(2, 2));
  }

  @Test
  void neverSaysTooLittleNorAllThatEverWas() {
    Random random = new Random(5);
    UncommittedBytes bytes = new UncommittedBytes();
    long end = 0;
    long watermark = 0;
    long said = 0;
    long largest = 0;
    for (int step = 0; step < 100_000; step++) {
      // Ten bytes a record; the watermark follows at most a hundred records behind.
      end++;
      bytes.appended(10);
      if (random.nextInt(10) == 0) {
        long next = Math.max(watermark + 1, end - random.nextInt(100));
        if (next <= end) {
          watermark = next;
          long committed = bytes.committed(watermark, end);
          said += committed;
          largest = Math.max(largest, committed);
        }
      }
      assertTrue(said >= watermark * 10, "step " + step);
    }
    assertTrue(largest < 10 * 1_000, "largest " + largest);
  }
}
