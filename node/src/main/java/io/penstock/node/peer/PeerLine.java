package io.penstock.node.peer;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.value.Address;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests that share one connection to one address, opened when there is none. Any thread.
 *
 * <p>Why an attempt that fails is made once more for those who joined it: it began before they
 * asked, and a peer may have come up in between. What they hear is never older than their question.
 *
 * <p>A line that is used by one request at a time gives up sooner to connect: an attempt that began
 * while the peer could not be reached goes on by the clock of its first lost packet, later and
 * later, when whoever asks anew would be answered at once. What comes after the socket is open may
 * take its time, also beyond the request that it was opened for: the next one finds it open.
 */
final class PeerLine {

  /** A little longer than a probe has: to a probe such a peer is silent, and not out of reach. */
  private static final int ALONE_CONNECT_MS_MAX = 600;

  private final Address to;
  private final PeerOpener opener;
  private final int connectTimeoutMs;
  private @Nullable CompletableFuture<PeerConnection> current;
  private boolean closed;

  /** A connection, or one being opened, and whether it was begun for whoever asks. */
  private record Attempt(CompletableFuture<PeerConnection> connection, boolean isNew) {}

  private PeerLine(Address to, PeerOpener opener, int connectTimeoutMs) {
    this.to = to;
    this.opener = opener;
    this.connectTimeoutMs = connectTimeoutMs;
  }

  /** One that takes any number of requests at a time. */
  static PeerLine shared(Address to, PeerOpener opener) {
    return new PeerLine(to, opener, PeerOpener.CONNECT_MS_MAX);
  }

  /** One that takes the next request when the one before has ended. */
  static PeerLine ofOneAtATime(Address to, PeerOpener opener) {
    return new PeerLine(to, opener, ALONE_CONNECT_MS_MAX);
  }

  /** Fails with {@link PeerException}, or what {@link PeerOpener#peerException} understands. */
  CompletableFuture<byte[]> ask(PeerApi api, byte[] body, long timeoutMs) {
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    return connected(deadlineNs, true)
        .thenCompose(connection -> connection.ask(api, body, leftMs(deadlineNs)));
  }

  private CompletableFuture<PeerConnection> connected(long deadlineNs, boolean again) {
    Attempt attempt = attempt();
    CompletableFuture<PeerConnection> connected =
        attempt.connection.copy().orTimeout(leftMs(deadlineNs), TimeUnit.MILLISECONDS);
    if (attempt.isNew || !again) {
      return connected;
    }
    return connected.exceptionallyCompose(failure ->
        attempt.connection.isDone() && leftMs(deadlineNs) > 1
            ? connected(deadlineNs, false)
            : CompletableFuture.failedFuture(failure));
  }

  /**
   * A connection that has failed is not offered to anybody: it is the first to ask who makes one.
   */
  private synchronized Attempt attempt() {
    if (closed) {
      return new Attempt(
          CompletableFuture.failedFuture(
              new PeerException(PeerException.Kind.CLOSED, "this node is stopping")),
          true);
    }
    CompletableFuture<PeerConnection> existing = current;
    if (existing != null && isUsable(existing)) {
      return new Attempt(existing, false);
    }
    CompletableFuture<PeerConnection> opening = opener.open(to, connectTimeoutMs);
    current = opening;
    return new Attempt(opening, true);
  }

  boolean isOpen() {
    CompletableFuture<PeerConnection> existing;
    synchronized (this) {
      existing = current;
    }
    return existing != null && existing.isDone() && isUsable(existing);
  }

  void close() {
    CompletableFuture<PeerConnection> existing;
    synchronized (this) {
      closed = true;
      existing = current;
    }
    if (existing != null) {
      var _ = existing.thenAccept(PeerConnection::close);
    }
  }

  private static boolean isUsable(CompletableFuture<PeerConnection> connection) {
    return !connection.isDone()
        || (!connection.isCompletedExceptionally() && connection.join().isOpen());
  }

  private static long leftMs(long deadlineNs) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime()));
  }
}
