package io.penstock.client.wire;

/**
 * Carries a refusal through generated code, which knows no checked exceptions. Never leaves this
 * package: the codec turns it into a {@link MalformedFrameException}.
 */
final class DecodeFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final MalformedFrameException.Reason reason;

  DecodeFailure(MalformedFrameException.Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  MalformedFrameException.Reason reason() {
    return reason;
  }
}
