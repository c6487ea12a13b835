package io.penstock.client.wire;

import java.util.List;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * File ranges in the place where a message keeps its records. Owns the ranges until {@link #take()}
 * passes them on to a frame; {@link #release()} then does nothing, so that a failed encoding and a
 * dropped response are cleaned up by the same call. Not thread-safe.
 */
final class RangeRecords implements BaseRecords {

  private final int size;
  private List<? extends FileRange> ranges;

  RangeRecords(List<? extends FileRange> ranges) {
    this.ranges = List.copyOf(ranges);
    int total = 0;
    for (FileRange range : this.ranges) {
      total = Math.addExact(total, range.size());
    }
    this.size = total;
  }

  @Override
  public int sizeInBytes() {
    return size;
  }

  @Override
  public RecordsSend<? extends BaseRecords> toSend() {
    throw new UnsupportedOperationException("file ranges leave by ResponseFrame, not by Send");
  }

  List<? extends FileRange> take() {
    List<? extends FileRange> taken = ranges;
    ranges = List.of();
    if (taken.isEmpty() && size > 0) {
      throw new IllegalStateException("these file ranges already belong to a frame");
    }
    return taken;
  }

  void release() {
    List<? extends FileRange> held = ranges;
    ranges = List.of();
    for (FileRange range : held) {
      range.release();
    }
  }
}
