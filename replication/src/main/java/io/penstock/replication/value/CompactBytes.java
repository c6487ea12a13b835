package io.penstock.replication.value;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Whole messages as byte arrays: one byte of version, then the fields. */
public final class CompactBytes {

  /** Writes the fields of a message. */
  @FunctionalInterface
  public interface Writer {
    void writeTo(CompactOutput out) throws IOException;
  }

  /** Reads the fields of a message. */
  @FunctionalInterface
  public interface Reader<T> {
    T readFrom(CompactInput in) throws IOException;
  }

  private CompactBytes() {}

  public static byte[] write(int version, Writer fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CompactOutput out = new CompactOutput(bytes);
      out.writeByte(version);
      fields.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a whole message.
   *
   * @throws UnknownFormatException if another version wrote it, or if it is damaged
   */
  public static <T> T read(int version, byte[] bytes, Reader<T> fields) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int found = in.readByte();
      if (found != version) {
        throw new UnknownFormatException("a message has version " + found + ", not " + version);
      }
      T read = fields.readFrom(in);
      in.expectEnd();
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }
}
