package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import io.penstock.client.wire.MalformedFrameException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.protocol.Readable;

/**
 * What generated messages read themselves from: a frame whose every length is checked against the
 * bytes left and charged to the budget before anything is allocated. Record bytes are handed out as
 * views on the frame. Not thread-safe.
 */
final class ByteBufReadable implements Readable {

  private final ByteBuf buffer;
  private final DecodeBudget budget;

  /**
   * The array length that the last integer announced. Generated code reads a length, then asks for
   * {@link #remaining()} to compare the two, and does so for arrays and tag counts alone: that is
   * where the array is charged.
   */
  private int announcedLength;

  ByteBufReadable(ByteBuf buffer, DecodeBudget budget) {
    this.buffer = buffer;
    this.budget = budget;
  }

  @Override
  public byte readByte() {
    need(Byte.BYTES);
    return buffer.readByte();
  }

  @Override
  public short readShort() {
    need(Short.BYTES);
    return buffer.readShort();
  }

  @Override
  public int readInt() {
    need(Integer.BYTES);
    announcedLength = buffer.readInt();
    return announcedLength;
  }

  @Override
  public long readLong() {
    need(Long.BYTES);
    return buffer.readLong();
  }

  @Override
  public double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  @Override
  public byte[] readArray(int length) {
    need(length);
    budget.chargeField(length);
    byte[] bytes = new byte[length];
    buffer.readBytes(bytes);
    return bytes;
  }

  @Override
  public String readString(int length) {
    need(length);
    budget.chargeString(length);
    String text = buffer.toString(buffer.readerIndex(), length, StandardCharsets.UTF_8);
    buffer.skipBytes(length);
    return text;
  }

  /** A view on the frame; {@code Readable.readRecords} wraps it and copies nothing either. */
  @Override
  public ByteBuffer readByteBuffer(int length) {
    need(length);
    budget.chargeView();
    ByteBuffer view = buffer.nioBuffer(buffer.readerIndex(), length);
    buffer.skipBytes(length);
    return view;
  }

  @Override
  public int readUnsignedVarint() {
    int value = (int) readVarintBits(Integer.SIZE);
    announcedLength = value - 1;
    return value;
  }

  @Override
  public int readVarint() {
    int bits = (int) readVarintBits(Integer.SIZE);
    return (bits >>> 1) ^ -(bits & 1);
  }

  @Override
  public long readVarlong() {
    long bits = readVarintBits(Long.SIZE);
    return (bits >>> 1) ^ -(bits & 1);
  }

  @Override
  public int remaining() {
    int left = buffer.readableBytes();
    if (announcedLength > left) {
      throw new DecodeFailure(
          Reason.TRUNCATED, "an array of " + announcedLength + " elements in " + left + " bytes");
    }
    budget.chargeArray(Math.max(0, announcedLength));
    return left;
  }

  @Override
  public Readable slice() {
    return new ByteBufReadable(buffer.slice(), budget);
  }

  private long readVarintBits(int typeBits) {
    long value = 0;
    for (int shift = 0; shift < typeBits; shift += 7) {
      long next = readByte();
      long bits = next & 0x7f;
      int room = typeBits - shift;
      if (room < 7 && bits >>> room != 0) {
        break;
      }
      value |= bits << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new DecodeFailure(Reason.VARINT_OVERFLOW, "a varint of more than " + typeBits + " bits");
  }

  private void need(int length) {
    if (length < 0) {
      throw new DecodeFailure(Reason.INVALID_VALUE, "a negative length: " + length);
    }
    if (length > buffer.readableBytes()) {
      throw new DecodeFailure(
          Reason.TRUNCATED, length + " bytes expected, " + buffer.readableBytes() + " left");
    }
  }
}
