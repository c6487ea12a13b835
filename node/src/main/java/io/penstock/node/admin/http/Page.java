package io.penstock.node.admin.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * One answer, to be sent once.
 *
 * @param headers beside those that every answer has
 */
public record Page(int status, String contentType, Map<String, String> headers, Body body) {

  private static final String TEXT = "text/plain; charset=utf-8";

  public Page {
    headers = Map.copyOf(headers);
  }

  /** One line for people. */
  public static Page line(int status, String line) {
    return new Page(
        status, TEXT, Map.of(), Body.of((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** The same with one more header. */
  public Page with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new Page(status, contentType, more, body);
  }
}
