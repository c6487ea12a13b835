package io.penstock.storage.log;

import java.util.LinkedHashSet;

/**
 * Bounds the heap that the batch maps of a node take. Active segments may always have a small one;
 * larger ones, and those of sealed segments, only while there is room, the eldest sealed ones going
 * first. Safe for any thread.
 */
public final class BatchMapBudget {
  private static final long BYTES_MAX = 64L << 20;
  private static final int HEAP_SHARE = 16;

  private final long bytesMax;
  private final LinkedHashSet<BatchFinder> sealed = new LinkedHashSet<>();
  private long bytes;

  public BatchMapBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** A small share of the heap this process has. */
  public static BatchMapBudget ofThisProcess() {
    return new BatchMapBudget(Math.min(BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  }

  /** Whether a map may grow by so many bytes; if so, they are taken. */
  synchronized boolean tryTake(int wanted) {
    while (bytes + wanted > bytesMax && !sealed.isEmpty()) {
      bytes -= sealed.removeFirst().dropMap();
    }
    if (bytes + wanted > bytesMax) {
      return false;
    }
    bytes += wanted;
    return true;
  }

  /** The segment of a map was sealed: its map is one of those that may go. */
  synchronized void sealed(BatchFinder batches) {
    sealed.add(batches);
  }

  /** A segment is gone, or starts a new map: forgets the one it had. */
  synchronized void giveBack(BatchFinder batches) {
    sealed.remove(batches);
    bytes -= batches.dropMap();
  }
}
