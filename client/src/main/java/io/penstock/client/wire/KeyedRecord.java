package io.penstock.client.wire;

import org.jspecify.annotations.Nullable;

/**
 * A record of a compacted topic that the broker writes itself; nobody changes the arrays.
 *
 * @param value null of a tombstone, which takes the key away
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to the log, compared by nobody
public record KeyedRecord(byte[] key, byte @Nullable [] value) {

  /** About what it takes in a batch. */
  public int sizeBytes() {
    return 32 + key.length + (value == null ? 0 : value.length);
  }
}
