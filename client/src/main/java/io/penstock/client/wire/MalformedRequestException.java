package io.penstock.client.wire;

/**
 * A request frame that cannot be decoded within its limits. The answer is to close the connection
 * that sent it: after a malformed frame nothing that follows can be trusted.
 */
public final class MalformedRequestException extends MalformedFrameException {

  private static final long serialVersionUID = 1L;

  public MalformedRequestException(Reason reason, String message) {
    super(reason, message);
  }
}
