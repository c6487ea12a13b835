package io.penstock.node.group;

import java.util.concurrent.atomic.AtomicLong;

/**
 * About what the groups and offsets of all shards of this node take of the heap, and how much they
 * may. What is there is never given up for it; what would be new is refused while there is no room.
 * Any thread.
 */
public final class CoordinatorMemory {

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  public CoordinatorMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether anything may be added. */
  boolean hasRoom() {
    return bytes.get() < bytesMax;
  }

  /** Takes note that something has grown by so much, or shrunk. */
  void add(long difference) {
    bytes.addAndGet(difference);
  }

  long bytes() {
    return bytes.get();
  }

  long bytesMax() {
    return bytesMax;
  }
}
