package io.penstock.node.group;

import io.penstock.node.group.effect.GroupLimits;
import java.nio.ByteBuffer;

/**
 * Direct memory for what is written or read at one time, which is kept for the next time: what is
 * let go waits for a collection that small objects on the heap do not cause. It grows to what the
 * largest batch takes. Used by one thread.
 */
final class BatchBuffer {

  private static final int BYTES_MIN = 4 << 10;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /** Room for so many bytes, or more; what was there before is no more. */
  ByteBuffer room(int bytes) {
    if (buffer.capacity() < bytes) {
      int doubled = Integer.highestOneBit(Math.max(bytes, BYTES_MIN) - 1) << 1;
      int bounded = Math.min(doubled, GroupLimits.BATCH_BYTES_MAX);
      buffer = ByteBuffer.allocateDirect(Math.max(bytes, bounded));
    }
    return buffer.clear();
  }
}
