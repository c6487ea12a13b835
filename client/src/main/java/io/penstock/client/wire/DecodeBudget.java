package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;

/**
 * Counts down what one frame may still cost. Charged before the thing charged for is allocated. The
 * prices are estimates from above of what the generated classes take on a 64-bit heap with
 * compressed pointers. Not thread-safe.
 */
final class DecodeBudget {

  /** An object with a dozen fields and its default lists, and its slot in the list. */
  static final int ELEMENT_BYTES = 128;

  /** A String, a byte array or a buffer view, apart from what it holds. */
  static final int FIELD_BYTES = 64;

  private final FrameLimits limits;
  private final boolean keyed;
  private long heapBytesLeft;
  private long keyComparisonsLeft;

  /** {@code keyed} says that the message has collections in which equal keys cost time. */
  DecodeBudget(FrameLimits limits, boolean keyed) {
    this.limits = limits;
    this.keyed = keyed;
    this.heapBytesLeft = limits.heapBytesMax();
    this.keyComparisonsLeft = limits.keyComparisonsMax();
  }

  void chargeArray(int length) {
    if (length > limits.arrayLengthMax()) {
      throw new DecodeFailure(
          Reason.ARRAY_TOO_LONG,
          "an array of " + length + " elements; the limit is " + limits.arrayLengthMax());
    }
    chargeHeap((long) length * ELEMENT_BYTES);
    if (!keyed) {
      return;
    }
    keyComparisonsLeft -= (long) length * length;
    if (keyComparisonsLeft < 0) {
      throw new DecodeFailure(Reason.LIMIT_EXCEEDED, "too many elements in keyed collections");
    }
  }

  void chargeField(int length) {
    if (length > limits.fieldBytesMax()) {
      throw new DecodeFailure(
          Reason.FIELD_TOO_LONG,
          "a field of " + length + " bytes; the limit is " + limits.fieldBytesMax());
    }
    chargeHeap((long) length + FIELD_BYTES);
  }

  /** A string that is no valid UTF-8 takes two bytes for each, and a third while it is decoded. */
  void chargeString(int length) {
    chargeField(length);
    chargeHeap(2L * length);
  }

  void chargeView() {
    chargeHeap(2L * FIELD_BYTES);
  }

  private void chargeHeap(long bytes) {
    heapBytesLeft -= bytes;
    if (heapBytesLeft < 0) {
      throw new DecodeFailure(
          Reason.LIMIT_EXCEEDED,
          "the message would take more than " + limits.heapBytesMax() + " bytes of heap");
    }
  }
}
