package io.penstock.node.net.receive;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * A frame that has not arrived in full. Its buffer grows with what has arrived, by a factor of
 * eight up to 2 MiB, which costs a frame of a MiB no copy worth mentioning, and by two from there
 * on; the factor is what an announcement can cost. Buffers over 2 MiB are not pooled, because the
 * allocator can grow those in place.
 */
final class PartialFrame {

  static final int FIRST_STEP_BYTES = 8 * 1024;
  static final int POOLED_BYTES_MAX = 2 * 1024 * 1024;
  private static final int EARLY_FACTOR = 8;

  private final ByteBufAllocator allocator;
  private final int length;
  private final MemoryBudget.Claim claim;
  private ByteBuf buffer;
  private int wantedCapacity;
  private int progressMark;
  private boolean checked;
  private boolean aging;
  private long agingSinceNs;

  PartialFrame(ByteBufAllocator allocator, int length, MemoryBudget.Claim claim) {
    this.allocator = allocator;
    this.length = length;
    this.claim = claim;
    this.buffer = allocator.directBuffer(0, 0);
  }

  int length() {
    return length;
  }

  int arrived() {
    return buffer.writerIndex();
  }

  boolean isComplete() {
    return arrived() == length;
  }

  /** The API key, once {@link #arrived()} says that it is there. */
  short apiKey() {
    return buffer.getShort(0);
  }

  /** Whether the length has been held against the limit of the frame's API. */
  boolean isChecked() {
    return checked;
  }

  void setChecked() {
    checked = true;
  }

  /** The buffer, for the transport to fill up. */
  ByteBuf buffer() {
    return buffer;
  }

  @SuppressWarnings("ReferenceEquality") // equal content in another buffer is another thing
  boolean isBufferedIn(ByteBuf bytes) {
    return bytes == buffer;
  }

  boolean hasRoom() {
    return buffer.writerIndex() < buffer.capacity();
  }

  /**
   * Claims room for more; false if there is none yet. Then {@link #grow()} follows when the budget
   * has granted it.
   *
   * @param present bytes that are there to be taken
   */
  boolean claimRoom(int present) {
    wantedCapacity = nextCapacity(arrived() + present);
    return claim.reserve(wantedCapacity - buffer.capacity());
  }

  /** Moves to the capacity that was claimed. */
  void grow() {
    if (buffer.capacity() == 0) {
      buffer.release();
      buffer = allocate(wantedCapacity);
      return;
    }
    if (wantedCapacity > POOLED_BYTES_MAX && buffer.capacity() > POOLED_BYTES_MAX) {
      buffer.capacity(wantedCapacity);
      return;
    }
    ByteBuf larger = allocate(wantedCapacity);
    larger.writeBytes(buffer, 0, buffer.writerIndex());
    buffer.release();
    buffer = larger;
  }

  private ByteBuf allocate(int capacity) {
    if (capacity > POOLED_BYTES_MAX) {
      return UnpooledByteBufAllocator.DEFAULT.directBuffer(capacity, length);
    }
    return allocator.directBuffer(capacity, length);
  }

  private int nextCapacity(int bytes) {
    long early = Math.max(FIRST_STEP_BYTES, (long) bytes * EARLY_FACTOR);
    long grown = Math.max(Math.min(early, POOLED_BYTES_MAX), 2L * bytes);
    return (int) Math.min(length, grown);
  }

  void takeFrom(ByteBuf source) {
    int count = Math.min(source.readableBytes(), buffer.capacity() - buffer.writerIndex());
    buffer.writeBytes(source, count);
  }

  /** Whether at least so many bytes, or all that were left, came since it was last asked. */
  boolean hasProgressed(int bytes) {
    boolean progressed = arrived() - progressMark >= bytes;
    if (progressed) {
      progressMark = arrived();
    }
    return progressed;
  }

  /** The time since this was first asked, or since {@link #restartAge}. */
  long ageNs(long nowNs) {
    if (!aging) {
      aging = true;
      agingSinceNs = nowNs;
    }
    return nowNs - agingSinceNs;
  }

  void restartAge() {
    aging = false;
  }

  /** Hands the complete frame over; the claim stays until {@link #close()}. */
  ByteBuf take() {
    return buffer.retain();
  }

  void close() {
    buffer.release();
    claim.close();
  }
}
