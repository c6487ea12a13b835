package io.penstock.node.admin;

import io.penstock.node.admin.http.Body;
import io.penstock.node.admin.http.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Map;

/** Answers in JSON. Scripts depend on the names in them: add to them, never change them. */
final class JsonPages {

  private static final String TYPE = "application/json";

  private JsonPages() {}

  static Page whole(int status, JsonStep document) {
    return new Page(status, TYPE, Map.of(), Body.of(JsonBody.whole(document)));
  }

  /** One with lists that may be long: it is written while it is sent. */
  static Page stepwise(JsonStep begin, Iterator<JsonStep> items, JsonStep end) {
    try {
      return new Page(200, TYPE, Map.of(), new JsonBody(begin, items, end));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A refusal that programs can tell by its name and people by its message. */
  static Page error(int status, String name, String message) {
    return error(status, name, message, _ -> {});
  }

  /** One that says more. */
  static Page error(int status, String name, String message, JsonStep more) {
    return whole(
        status,
        json -> {
          json.writeStartObject();
          json.writeStringField("error", name);
          json.writeStringField("message", message);
          more.write(json);
          json.writeEndObject();
        });
  }

  /** One that is worth asking again for in a moment. */
  static Page notNow(String message) {
    return error(503, "NOT_NOW", message).with("Retry-After", "1");
  }
}
