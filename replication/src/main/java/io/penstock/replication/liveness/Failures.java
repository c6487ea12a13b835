package io.penstock.replication.liveness;

import io.penstock.replication.peer.PeerException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a stage failed with, without its wrappings. */
final class Failures {

  private Failures() {}

  static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  /** Null where it was something else than the network. */
  static PeerException.@Nullable Kind kind(Throwable failure) {
    return cause(failure) instanceof PeerException peer ? peer.kind() : null;
  }

  static String text(Throwable failure) {
    Throwable cause = cause(failure);
    String message = cause.getMessage();
    return message == null ? cause.toString() : message;
  }
}
