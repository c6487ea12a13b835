package io.penstock.node.admin;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request, read strictly: cut at slashes first and decoded then, so that a name may
 * hold any character, and nothing is guessed where the client wrote something that is no path.
 * Stateless.
 */
final class RequestPath {

  private static final char FIRST_VISIBLE = 0x21;
  private static final char LAST_VISIBLE = 0x7e;

  private RequestPath() {}

  /** The decoded segments without what follows a question mark; null where it is no path. */
  static @Nullable List<String> segments(String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    if (!path.startsWith("/")) {
      return null;
    }
    List<String> segments = new ArrayList<>();
    for (String each : path.substring(1).split("/", -1)) {
      String decoded = decoded(each);
      if (decoded == null) {
        return null;
      }
      segments.add(decoded);
    }
    return segments;
  }

  private static @Nullable String decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < FIRST_VISIBLE || c > LAST_VISIBLE) {
        return null;
      }
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = i + 2 < text.length() ? hex(text.charAt(i + 1)) : -1;
      int low = i + 2 < text.length() ? hex(text.charAt(i + 2)) : -1;
      if (high < 0 || low < 0) {
        return null;
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException notUtf8) {
      return null;
    }
  }

  /** {@link Character#digit} takes digits of other scripts as well. */
  private static int hex(char c) {
    return c <= LAST_VISIBLE ? Character.digit(c, 16) : -1;
  }
}
