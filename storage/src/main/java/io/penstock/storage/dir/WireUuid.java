package io.penstock.storage.dir;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** Ids as Kafka writes them: the 16 bytes in URL-safe base64 without padding, 22 characters. */
public final class WireUuid {
  private static final int TEXT_LENGTH = 22;

  private WireUuid() {}

  public static String format(UUID id) {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** Throws IllegalArgumentException where the text is no id. */
  public static UUID parse(String text) {
    if (text.length() != TEXT_LENGTH) {
      throw new IllegalArgumentException("'" + text + "' does not have 22 characters");
    }
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
