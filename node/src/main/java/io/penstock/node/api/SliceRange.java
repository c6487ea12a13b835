package io.penstock.node.api;

import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A slice of a log as a part of a response. Takes over the slice's reference: releasing the range
 * releases the slice.
 */
public final class SliceRange implements CopyableRange {

  private final LogSlice slice;

  public SliceRange(LogSlice slice) {
    this.slice = slice;
  }

  @Override
  public int fd() {
    return slice.file().fd();
  }

  @Override
  public long position() {
    return slice.position();
  }

  @Override
  public int size() {
    return slice.size();
  }

  @Override
  public void release() {
    slice.release();
  }

  @Override
  public long copyTo(long offset, long count, WritableByteChannel target) throws IOException {
    long position = slice.position() + offset;
    long moved = slice.file().transferTo(position, count, target);
    if (moved <= 0 && slice.file().size() <= position) {
      throw new BrokenRangeException("the file ends before its range: " + slice);
    }
    return moved;
  }
}
