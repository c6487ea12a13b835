package io.penstock.node.admin.http;

import java.io.IOException;

/**
 * What follows the head of an answer, made piece by piece while it is sent: one piece is asked for
 * when the one before has left, by one thread at a time, but not always the same.
 */
public interface Body {

  /** About how large a piece is. */
  int PIECE_BYTES = 32 << 10;

  /** Where it is not known beforehand how long all of it is. */
  long UNKNOWN = -1;

  /** How long all of it is, or {@link #UNKNOWN}. */
  default long length() {
    return UNKNOWN;
  }

  /** The next piece; an empty one when all has been said. */
  byte[] next() throws IOException;

  /** One that is there as a whole. */
  static Body of(byte[] bytes) {
    return new Whole(bytes);
  }

  /** All of it at once. */
  final class Whole implements Body {
    private static final byte[] NOTHING = {};

    private final byte[] bytes;
    private boolean given;

    private Whole(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public byte[] next() {
      byte[] piece = given ? NOTHING : bytes;
      given = true;
      return piece;
    }
  }
}
