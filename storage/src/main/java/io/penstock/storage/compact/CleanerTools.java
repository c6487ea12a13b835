package io.penstock.storage.compact;

/**
 * What one thread of the cleaner brings along to each log: codecs, its share of time and memory,
 * and the buffers that batches pass through, which are used again. Not for two threads.
 */
public final class CleanerTools {
  /** How much is read, and how much is written, at a time; a larger batch makes them grow. */
  public static final int PIECE_BYTES = 1 << 20;

  private static final int BATCH_BYTES = 64 << 10;

  private final BatchCodec codec;
  private final Throttle throttle;
  private final long mapBytesMax;
  private final int unpackedBytesMax;
  private final ScratchBuffer read = new ScratchBuffer(PIECE_BYTES);
  private final ScratchBuffer kept = new ScratchBuffer(PIECE_BYTES + (PIECE_BYTES >> 2));
  private final ScratchBuffer unpacked = new ScratchBuffer(BATCH_BYTES);
  private final ScratchBuffer repacked = new ScratchBuffer(BATCH_BYTES);

  /**
   * @param mapBytesMax what the keys of one log may take
   * @param unpackedBytesMax what one batch may unpack to; beyond it, it stays whole
   */
  public CleanerTools(BatchCodec codec, Throttle throttle, long mapBytesMax, int unpackedBytesMax) {
    this.codec = codec;
    this.throttle = throttle;
    this.mapBytesMax = mapBytesMax;
    this.unpackedBytesMax = unpackedBytesMax;
  }

  public BatchCodec codec() {
    return codec;
  }

  public Throttle throttle() {
    return throttle;
  }

  public long mapBytesMax() {
    return mapBytesMax;
  }

  int unpackedBytesMax() {
    return unpackedBytesMax;
  }

  /** Gives the memory of the buffers back, after a cleaning however it has ended. */
  public void release() {
    read.release();
    kept.release();
    unpacked.release();
    repacked.release();
  }

  /** What the buffers take now. */
  public long heldBytes() {
    return (long) read.capacity() + kept.capacity() + unpacked.capacity() + repacked.capacity();
  }

  /** For what is read from segments. */
  public ScratchBuffer read() {
    return read;
  }

  /** For what is to be written. */
  public ScratchBuffer kept() {
    return kept;
  }

  /** For the records of a compressed batch. */
  ScratchBuffer unpacked() {
    return unpacked;
  }

  /** For those of them that stay. */
  ScratchBuffer repacked() {
    return repacked;
  }
}
