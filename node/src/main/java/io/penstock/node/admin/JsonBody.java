package io.penstock.node.admin;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.node.admin.http.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;

/** A JSON document of many small steps, which is written as far as it is sent. */
final class JsonBody implements Body {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final JsonStep begin;
  private final Iterator<JsonStep> items;
  private final JsonStep end;
  private final JsonGenerator json;
  private boolean begun;
  private boolean ended;

  /** Writes nothing yet; the steps are taken on the threads that ask for pieces. */
  JsonBody(JsonStep begin, Iterator<JsonStep> items, JsonStep end) throws IOException {
    this.begin = begin;
    this.items = items;
    this.end = end;
    this.json = FACTORY.createGenerator(out, JsonEncoding.UTF8);
  }

  /** A small document as a whole. */
  static byte[] whole(JsonStep step) {
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonGenerator json = FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
      step.write(json);
      json.writeRaw('\n');
      json.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("memory can always be written to", e);
    }
  }

  @Override
  public byte[] next() throws IOException {
    if (!begun) {
      begun = true;
      begin.write(json);
    }
    while (items.hasNext() && out.size() < PIECE_BYTES) {
      items.next().write(json);
      json.flush();
    }
    if (!items.hasNext() && !ended) {
      ended = true;
      end.write(json);
      json.writeRaw('\n');
      json.close();
    }
    byte[] piece = out.toByteArray();
    out.reset();
    return piece;
  }
}
