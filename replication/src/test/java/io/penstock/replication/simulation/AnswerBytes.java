package io.penstock.replication.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers for what leaders answer, used again and again. A buffer that is given back is
 * overwritten, so that whoever still reads it is found out.
 */
final class AnswerBytes {

  static final int BYTES = 16 << 10;

  private static final byte SPOILT = (byte) 0xEE;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

  ByteBuffer take() {
    ByteBuffer buffer = free.poll();
    return buffer == null ? ByteBuffer.allocateDirect(BYTES) : buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    for (int i = 0; i < buffer.limit(); i++) {
      buffer.put(i, SPOILT);
    }
    free.push(buffer);
  }
}
