package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * What generated messages write themselves to: one exactly sized buffer for all that is not
 * records, cut into slices wherever records come in between, so that the parts stand in wire order
 * and no record byte is copied. Owns buffer and parts until {@link #finish()}; {@link #abandon()}
 * releases them. Not thread-safe.
 */
final class ByteBufWritable implements Writable {

  private final ByteBuf buffer;
  private final List<ResponseFrame.Part> parts = new ArrayList<>(1);
  private int cutAt;

  /** Takes over the buffer. */
  ByteBufWritable(ByteBuf buffer) {
    this.buffer = buffer;
  }

  @Override
  public void writeByte(byte value) {
    buffer.writeByte(value);
  }

  @Override
  public void writeShort(short value) {
    buffer.writeShort(value);
  }

  @Override
  public void writeInt(int value) {
    buffer.writeInt(value);
  }

  @Override
  public void writeLong(long value) {
    buffer.writeLong(value);
  }

  @Override
  public void writeDouble(double value) {
    buffer.writeDouble(value);
  }

  @Override
  public void writeByteArray(byte[] bytes) {
    buffer.writeBytes(bytes);
  }

  @Override
  public void writeUnsignedVarint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      buffer.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer.writeByte(rest);
  }

  @Override
  public void writeVarint(int value) {
    writeUnsignedVarint((value << 1) ^ (value >> 31));
  }

  @Override
  public void writeVarlong(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      buffer.writeByte((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer.writeByte((int) rest);
  }

  /** Called for the fields that the protocol's schemas mark as zero-copy, and for those alone. */
  @Override
  public void writeByteBuffer(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      cut();
      parts.add(new ResponseFrame.Bytes(Unpooled.wrappedBuffer(bytes.duplicate())));
    }
  }

  @Override
  public void writeRecords(BaseRecords records) {
    if (records instanceof MemoryRecords memory) {
      writeByteBuffer(memory.buffer());
      return;
    }
    if (!(records instanceof RangeRecords ranges)) {
      throw new IllegalArgumentException("not made by WireRecords: " + records);
    }
    cut();
    for (FileRange range : ranges.take()) {
      if (range.size() > 0) {
        parts.add(new ResponseFrame.Range(range));
      } else {
        range.release();
      }
    }
  }

  /** The parts in wire order, which the caller owns from now on. */
  List<ResponseFrame.Part> finish() {
    if (buffer.writableBytes() > 0) {
      throw new IllegalStateException(
          "the message wrote " + buffer.writableBytes() + " bytes less than its size says");
    }
    if (parts.isEmpty()) {
      parts.add(new ResponseFrame.Bytes(buffer));
      return parts;
    }
    cut();
    buffer.release();
    return parts;
  }

  void abandon() {
    ResponseFrame.releaseAll(parts);
    parts.clear();
    buffer.release();
  }

  private void cut() {
    int end = buffer.writerIndex();
    if (end > cutAt) {
      parts.add(new ResponseFrame.Bytes(buffer.retainedSlice(cutAt, end - cutAt)));
      cutAt = end;
    }
  }
}
