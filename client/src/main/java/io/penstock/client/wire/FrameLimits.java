package io.penstock.client.wire;

/**
 * What one frame may make the decoder allocate and compute, however large the frame is. The frame's
 * own length is bounded by whoever reads it from the socket; these limits bound what its bytes
 * expand to: an array element costs one byte on the wire and a hundred on the heap.
 *
 * @param arrayLengthMax elements of any one array
 * @param fieldBytesMax bytes of a field that is copied to the heap (records are not copied)
 * @param heapBytesMax estimated heap bytes of the whole decoded message
 * @param keyComparisonsMax comparisons that equal keys in hash-keyed collections of the message can
 *     cause: the sum of the squares of array lengths, counted only for messages that have such
 *     collections (Kafka's keep duplicates and probe linearly)
 */
public record FrameLimits(
    int arrayLengthMax, int fieldBytesMax, long heapBytesMax, long keyComparisonsMax) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  public FrameLimits {
    if (arrayLengthMax < 1 || fieldBytesMax < 1 || heapBytesMax < 1 || keyComparisonsMax < 1) {
      throw new IllegalArgumentException("every limit must be positive");
    }
  }

  /** For requests of a peer that is entitled to the full protocol. */
  public static FrameLimits requests() {
    return new FrameLimits(100_000, MIB, 16L * MIB, 100_000_000L);
  }

  /** For the first requests of a connection of which nothing is known yet. */
  public static FrameLimits firstRequests() {
    return new FrameLimits(1_000, 64 * KIB, MIB, 1_000_000L);
  }

  /** For responses: a broker that we chose to connect to may describe a large cluster. */
  public static FrameLimits responses() {
    return new FrameLimits(1_000_000, 64 * MIB, 1024L * MIB, Long.MAX_VALUE);
  }
}
