package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;

/**
 * A range of a segment's file, on its way to a socket. It keeps the file open until it is released,
 * also when the segment is deleted meanwhile. Its bytes are never written again and stay what they
 * are, but for {@link PartitionLog#truncateTo}, which cuts the file in place. Made with one
 * reference; any thread may retain and release, each as often as the other.
 */
public final class LogSlice {
  private final SharedFile shared;
  private final long position;
  private final int size;
  private final long records;
  private final boolean recentlyAppended;

  LogSlice(SharedFile shared, long position, int size, long records, boolean recentlyAppended) {
    this.shared = shared;
    this.position = position;
    this.size = size;
    this.records = records;
    this.recentlyAppended = recentlyAppended;
  }

  public DiskFile file() {
    return shared.file();
  }

  /** The first byte in the file. */
  public long position() {
    return position;
  }

  /** How many bytes; at least one. */
  public int size() {
    return size;
  }

  /**
   * About how many records, for metrics: told from offsets, since no record is looked at. What
   * compaction has removed and control records count too; of a range that ends before what could be
   * read does, it is the share that its bytes have.
   */
  public long records() {
    return records;
  }

  /**
   * Whether the whole range was written moments ago, hence is in the page cache without a probe.
   */
  public boolean recentlyAppended() {
    return recentlyAppended;
  }

  /** Adds a reference; only a holder of one may. */
  public void retain() {
    if (!shared.tryRetain()) {
      throw new IllegalStateException("Slice was released: " + shared.file().path());
    }
  }

  /** Gives a reference back. */
  public void release() {
    shared.release();
  }

  @Override
  public String toString() {
    return shared.file().path() + "[" + position + "+" + size + "]";
  }
}
