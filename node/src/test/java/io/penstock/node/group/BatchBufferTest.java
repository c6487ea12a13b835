package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.effect.GroupLimits;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The memory of one thread's batches. */
final class BatchBufferTest {

  private final BatchBuffer batches = new BatchBuffer();

  @Test
  void staysAsLargeAsItWasOnce() {
    ByteBuffer large = batches.room(1_000_000).position(7).limit(9);

    ByteBuffer small = batches.room(1);

    assertSame(large, small);
    assertEquals(0, small.position());
    assertEquals(small.capacity(), small.limit());
    assertTrue(small.capacity() >= 1_000_000);
  }

  @Test
  void growsInFewSteps() {
    int steps = 0;
    int before = batches.room(1).capacity();
    for (int bytes = 1; bytes < GroupLimits.BATCH_BYTES_MAX; bytes += 10_000) {
      int now = batches.room(bytes).capacity();
      steps += now == before ? 0 : 1;
      before = now;
    }

    assertTrue(steps <= 12, steps + " steps");
  }

  @Test
  void isNoLargerThanTheLargestBatchUnlessItHasToBe() {
    assertEquals(
        GroupLimits.BATCH_BYTES_MAX, batches.room(GroupLimits.BATCH_BYTES_MAX - 1).capacity());
    assertEquals(
        GroupLimits.BATCH_BYTES_MAX + 1, batches.room(GroupLimits.BATCH_BYTES_MAX + 1).capacity());
  }
}
