package io.penstock.replication.value;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Writes the stored forms of commands and images: integers as base-128 varints, low bits first (as
 * in Protocol Buffers), signed ones zigzag, strings and lists after their length. Not buffered.
 */
public final class CompactOutput {

  private final OutputStream out;

  public CompactOutput(OutputStream out) {
    this.out = out;
  }

  public void writeByte(int value) throws IOException {
    out.write(value);
  }

  public void writeBoolean(boolean value) throws IOException {
    out.write(value ? 1 : 0);
  }

  /** A length or another number that is never negative. */
  public void writeUnsigned(long value) throws IOException {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  public void writeSigned(long value) throws IOException {
    writeUnsigned((value << 1) ^ (value >> 63));
  }

  public void writeString(String value) throws IOException {
    writeBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public void writeBytes(byte[] value) throws IOException {
    writeUnsigned(value.length);
    out.write(value);
  }

  public void writeUuid(UUID value) throws IOException {
    writeFixedLong(value.getMostSignificantBits());
    writeFixedLong(value.getLeastSignificantBits());
  }

  public void writeIds(NodeIds ids) throws IOException {
    writeUnsigned(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      writeUnsigned(ids.get(i));
    }
  }

  private void writeFixedLong(long value) throws IOException {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.write((int) (value >>> shift) & 0xFF);
    }
  }
}
