package io.penstock.replication.liveness.message;

import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A request or an answer as bytes, after the number of their layout. */
final class Body {

  /**
   * Any other layout is refused. Until the first release layouts may change under this number, and
   * nodes of two builds need not understand each other; from then on each change has its own.
   */
  private static final int LAYOUT = 1;

  private Body() {}

  /** Writes fields. */
  interface Writer {
    void write(CompactOutput out) throws IOException;
  }

  /** Reads them back. */
  interface Reader<T> {
    T read(CompactInput in) throws IOException;
  }

  static byte[] write(Writer fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CompactOutput out = new CompactOutput(bytes);
    try {
      out.writeByte(LAYOUT);
      fields.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  static <T> T read(byte[] bytes, Reader<T> fields) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int layout = in.readByte();
      if (layout != LAYOUT) {
        throw new UnknownFormatException("layout " + layout + " is not known here");
      }
      T value = fields.read(in);
      in.expectEnd();
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }
}
