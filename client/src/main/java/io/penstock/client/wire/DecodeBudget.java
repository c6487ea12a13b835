package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

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

  /**
   * From this length on, keyed collections are watched. They grow with their last element, or their
   * thousandth, and that takes cubic time where all keys are equal: 0.6 s for a thousand, minutes
   * for ten thousand.
   */
  private static final int WATCHED_ELEMENTS_MIN = 64;

  /**
   * Processor time for a message with such collections; distinct keys take a tenth of it. What a
   * frame costs at worst is this and one growth at a thousand elements.
   */
  private static final long CPU_NS_MAX = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int CHARGES_BETWEEN_CHECKS = 64;

  private final FrameLimits limits;
  private final boolean keyed;
  private long heapBytesLeft;
  private long keyComparisonsLeft;

  /** Counts charges from the first collection that is watched; -1 before. */
  private int chargesWatched = -1;

  private long cpuStartNs;

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
    if (length >= WATCHED_ELEMENTS_MIN && chargesWatched < 0) {
      chargesWatched = 0;
      cpuStartNs = cpuNs();
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
    if (chargesWatched >= 0 && ++chargesWatched % CHARGES_BETWEEN_CHECKS == 0) {
      checkCpu();
    }
    heapBytesLeft -= bytes;
    if (heapBytesLeft < 0) {
      throw new DecodeFailure(
          Reason.LIMIT_EXCEEDED,
          "the message would take more than " + limits.heapBytesMax() + " bytes of heap");
    }
  }

  /**
   * Nothing that this class can see tells equal keys from distinct ones, but the time does. It is
   * the thread's own time, which a pause or a busy host cannot use up.
   */
  private void checkCpu() {
    if (cpuNs() - cpuStartNs > CPU_NS_MAX) {
      throw new DecodeFailure(Reason.LIMIT_EXCEEDED, "too many equal keys in keyed collections");
    }
  }

  private static long cpuNs() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported()
        ? threads.getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}
