package io.penstock.client.wire;

/**
 * The bytes of a frame, or of a record batch, are not what they claim to be. Carries a typed reason
 * for counting and no stack trace: a peer decides how often this is thrown.
 */
public class MalformedFrameException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why bytes were refused; the names are fit for a metric. */
  public enum Reason {
    /** A length or a field runs past the end of the frame. */
    TRUNCATED,
    /** Bytes are left over after the message. */
    TRAILING_BYTES,
    /** No API has this key. */
    UNKNOWN_API,
    /** The API is known, but not in this version. */
    UNSUPPORTED_VERSION,
    /** An array has more elements than {@link FrameLimits#arrayLengthMax()}. */
    ARRAY_TOO_LONG,
    /** A field is larger than {@link FrameLimits#fieldBytesMax()}. */
    FIELD_TOO_LONG,
    /** A variable-length integer has more bits than its type. */
    VARINT_OVERFLOW,
    /** The whole message would take more memory or time than {@link FrameLimits} grants. */
    LIMIT_EXCEEDED,
    /** A value that the message's schema, or the record format, does not allow. */
    INVALID_VALUE
  }

  private final Reason reason;

  public MalformedFrameException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
