package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads the first fields of records, one record after another, from a stream that may be unpacking
 * them, and skips the rest. Holds one small buffer however large the records are, and stops at a
 * given number of unpacked bytes. Not thread-safe.
 */
final class RecordFields {

  private static final int BUFFER_BYTES = 4096;

  private final InputStream source;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int next;
  private int end;
  private long bytesGranted;
  private long recordBytesLeft;

  RecordFields(InputStream source, long bytesMax) {
    this.source = source;
    this.bytesGranted = bytesMax;
  }

  /** Moves to the fields of a record: reads its length and its attributes, which mean nothing. */
  void startRecord() throws IOException {
    recordBytesLeft = Integer.MAX_VALUE;
    int length = zigzagInt();
    if (length < 0) {
      throw new DecodeFailure(Reason.INVALID_VALUE, "a record of " + length + " bytes");
    }
    recordBytesLeft = length;
    readByte();
  }

  long timestampDelta() throws IOException {
    long bits = varintBits(Long.SIZE);
    return (bits >>> 1) ^ -(bits & 1);
  }

  int offsetDelta() throws IOException {
    return zigzagInt();
  }

  void skipRestOfRecord() throws IOException {
    while (recordBytesLeft > 0) {
      if (next == end) {
        fill();
      }
      int skipped = (int) Math.min(recordBytesLeft, end - next);
      next += skipped;
      recordBytesLeft -= skipped;
    }
  }

  private int zigzagInt() throws IOException {
    int bits = (int) varintBits(Integer.SIZE);
    return (bits >>> 1) ^ -(bits & 1);
  }

  private long varintBits(int typeBits) throws IOException {
    long value = 0;
    for (int shift = 0; shift < typeBits; shift += 7) {
      long read = readByte();
      value |= (read & 0x7f) << shift;
      if (read >= 0) {
        return value;
      }
    }
    throw new DecodeFailure(Reason.VARINT_OVERFLOW, "a varint of more than " + typeBits + " bits");
  }

  private byte readByte() throws IOException {
    if (recordBytesLeft-- <= 0) {
      throw new DecodeFailure(Reason.TRUNCATED, "a record that ends within its fields");
    }
    if (next == end) {
      fill();
    }
    return buffer[next++];
  }

  private void fill() throws IOException {
    if (bytesGranted <= 0) {
      throw new DecodeFailure(Reason.LIMIT_EXCEEDED, "the batch unpacks to more than is granted");
    }
    int read = source.read(buffer, 0, (int) Math.min(buffer.length, bytesGranted));
    if (read <= 0) {
      throw new EOFException("the batch ends before its last record");
    }
    bytesGranted -= read;
    next = 0;
    end = read;
  }
}
