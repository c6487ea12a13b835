package io.penstock.replication.value;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads what {@link CompactOutput} wrote. Lengths are checked against the bytes that are left
 * before anything is allocated; what cannot be right is an {@link UnknownFormatException}.
 */
public final class CompactInput {

  private final InputStream in;
  private long remaining;

  /**
   * @param length how many bytes there are
   */
  public CompactInput(InputStream in, long length) {
    this.in = in;
    this.remaining = length;
  }

  public int readByte() throws IOException {
    if (remaining <= 0) {
      throw new UnknownFormatException("ends in the middle of a field");
    }
    int value = in.read();
    if (value < 0) {
      throw new EOFException("shorter than it was said to be");
    }
    remaining--;
    return value;
  }

  public boolean readBoolean() throws IOException {
    int value = readByte();
    if (value > 1) {
      throw new UnknownFormatException("a yes or no is " + value);
    }
    return value == 1;
  }

  public long readUnsigned() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new UnknownFormatException("an integer of more than 10 bytes");
  }

  public long readSigned() throws IOException {
    long value = readUnsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  public int readUnsignedInt() throws IOException {
    long value = readUnsigned();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new UnknownFormatException("an integer is " + value);
    }
    return (int) value;
  }

  public int readSignedInt() throws IOException {
    long value = readSigned();
    if (value != (int) value) {
      throw new UnknownFormatException("an integer is " + value);
    }
    return (int) value;
  }

  /** The number of elements that follow, each of which takes a byte at least. */
  public int readCount() throws IOException {
    long count = readUnsigned();
    if (count < 0 || count > remaining) {
      throw new UnknownFormatException(count + " elements in " + remaining + " bytes");
    }
    return (int) count;
  }

  public String readString() throws IOException {
    return new String(readBytes(), StandardCharsets.UTF_8);
  }

  public byte[] readBytes() throws IOException {
    byte[] bytes = new byte[readCount()];
    if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new EOFException("shorter than it was said to be");
    }
    remaining -= bytes.length;
    return bytes;
  }

  public UUID readUuid() throws IOException {
    return new UUID(readFixedLong(), readFixedLong());
  }

  public NodeIds readIds() throws IOException {
    int[] ids = new int[readCount()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = readUnsignedInt();
    }
    return NodeIds.of(ids);
  }

  /** Fails if something follows, which an older version would have to ignore. */
  public void expectEnd() {
    if (remaining != 0) {
      throw new UnknownFormatException(remaining + " bytes follow the last field");
    }
  }

  private long readFixedLong() throws IOException {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | readByte();
    }
    return value;
  }
}
