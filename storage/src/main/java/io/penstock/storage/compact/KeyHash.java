package io.penstock.storage.compact;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * SipHash-2-4 with 128 bits over a range of a buffer. Keyed, so that nobody who writes records can
 * choose two keys that are taken for one. One thread's; the two halves are read after each hash.
 */
final class KeyHash {
  private static final long C0 = 0x736f6d6570736575L;
  private static final long C1 = 0x646f72616e646f6dL;
  private static final long C2 = 0x6c7967656e657261L;
  private static final long C3 = 0x7465646279746573L;

  private final long k0;
  private final long k1;
  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long first;
  private long second;

  KeyHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /** The first 64 bits of the last hash. */
  long first() {
    return first;
  }

  /** The other 64 bits. */
  long second() {
    return second;
  }

  void of(ByteBuffer buffer, int at, int length) {
    boolean swap = buffer.order() == ByteOrder.BIG_ENDIAN;
    v0 = C0 ^ k0;
    v1 = C1 ^ k1 ^ 0xee;
    v2 = C2 ^ k0;
    v3 = C3 ^ k1;
    int whole = length & ~7;
    for (int i = 0; i < whole; i += Long.BYTES) {
      long word = buffer.getLong(at + i);
      take(swap ? Long.reverseBytes(word) : word);
    }
    long last = (long) length << 56;
    for (int i = whole; i < length; i++) {
      last |= (buffer.get(at + i) & 0xffL) << (8 * (i - whole));
    }
    take(last);
    v2 ^= 0xee;
    rounds(4);
    first = v0 ^ v1 ^ v2 ^ v3;
    v1 ^= 0xdd;
    rounds(4);
    second = v0 ^ v1 ^ v2 ^ v3;
  }

  private void take(long word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
