package io.penstock.node.peer;

import com.codahale.metrics.MetricRegistry;
import io.penstock.client.net.BrokerConnection;
import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ClientTransport;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import io.penstock.client.wire.FrameLimits;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.UnknownFormatException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to peers: connects, introduces this node, and looks at who answers. Each
 * attempt tells what is true now; nothing is remembered of earlier ones. Any thread.
 */
public final class PeerOpener {

  private static final Logger LOG = LoggerFactory.getLogger(PeerOpener.class);
  static final int CONNECT_MS_MAX = 3_000;
  private static final long HELLO_TIMEOUT_MS = 5_000;
  private static final int IN_FLIGHT_MAX = 128;

  private final ClientTransport transport;
  private final PeerGate gate;
  private final PeerWatcher watcher;
  private final int answerBytesMax;
  private final MetricRegistry metrics;
  private final RefusalLog log = new RefusalLog(LOG, System::nanoTime);

  /**
   * Opens nothing yet.
   *
   * @param self what this node says of itself at the moment of asking
   * @param watcher told of peers whose connections end
   * @param answerBytesMax the longest answer that a connection takes
   */
  public PeerOpener(
      ClientTransport transport,
      Supplier<Introduction> self,
      PeerWatcher watcher,
      int answerBytesMax,
      MetricRegistry metrics) {
    this.transport = transport;
    this.gate = new PeerGate(self, System::nanoTime);
    this.watcher = watcher;
    this.answerBytesMax = answerBytesMax;
    this.metrics = metrics;
  }

  /** As the other one, with all the time that it may take to connect. */
  public CompletableFuture<PeerConnection> open(Address to) {
    return open(to, CONNECT_MS_MAX);
  }

  /**
   * Fails with {@link PeerException} only.
   *
   * @param connectTimeoutMs until the socket is open; what comes then has a time of its own
   */
  CompletableFuture<PeerConnection> open(Address to, int connectTimeoutMs) {
    if (to.port() == 0) {
      return CompletableFuture.failedFuture(
          new PeerException(Kind.UNREACHABLE, "the address " + to + " has no port"));
    }
    ConnectionSettings settings =
        new ConnectionSettings(
            "penstock-node-" + gate.self().nodeId(),
            connectTimeoutMs,
            HELLO_TIMEOUT_MS,
            IN_FLIGHT_MAX,
            answerBytesMax,
            FrameLimits.responses());
    return BrokerConnection.open(transport, new Endpoint(to.host(), to.port()), settings)
        .thenCompose(connection -> introduce(connection, to))
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(peerException(failure)));
  }

  private CompletableFuture<PeerConnection> introduce(BrokerConnection connection, Address to) {
    byte[] hello = IntroductionCodec.encode(gate.self());
    return PeerConnection.ask(connection, PeerApi.HELLO, hello, HELLO_TIMEOUT_MS)
        .thenApply(answer -> accept(connection, to, IntroductionCodec.decode(answer)))
        .whenComplete((_, failure) -> {
          if (failure != null) {
            noteRefusal(to, failure);
            connection.close();
          }
        });
  }

  private PeerConnection accept(BrokerConnection connection, Address to, Introduction peer) {
    String objection = gate.objection(peer);
    if (objection != null) {
      throw new PeerException(Kind.REJECTED, objection);
    }
    var _ =
        connection
            .closed()
            .thenRun(() -> {
              if (!connection.isEndedHere()) {
                watcher.connectionLost(peer.caller(), to);
              }
            });
    return new PeerConnection(connection, peer);
  }

  private void noteRefusal(Address to, Throwable failure) {
    PeerException told = peerException(failure);
    if (told.kind() == Kind.REJECTED) {
      metrics.meter("penstock.peer.rejected").mark();
      log.warn("This node and a peer do not fit together", to, String.valueOf(told.getMessage()));
    }
  }

  /** Whatever a stage failed with, in the words of {@link PeerException}. */
  public static PeerException peerException(Throwable failure) {
    Throwable cause = failure.getCause();
    Throwable told = failure instanceof CompletionException && cause != null ? cause : failure;
    return switch (told) {
      case PeerException already -> already;
      case BrokerConnectionException lost ->
          new PeerException(kindOf(lost), String.valueOf(lost.getMessage()), lost);
      case UnknownFormatException stranger ->
          new PeerException(
              Kind.REJECTED, "the peer introduces itself with " + stranger.getMessage(), stranger);
      case TimeoutException late -> new PeerException(Kind.TIMEOUT, "no connection in time", late);
      default -> new PeerException(Kind.FAILED, String.valueOf(told), told);
    };
  }

  private static Kind kindOf(BrokerConnectionException failure) {
    return switch (failure.kind()) {
      case UNREACHABLE -> failure.isRefusal() ? Kind.REFUSED : Kind.UNREACHABLE;
      case CLOSED -> Kind.LOST;
      case TIMED_OUT -> Kind.TIMEOUT;
      case BUSY -> Kind.BUSY;
      // A listener for clients, for example.
      case UNSUPPORTED, MALFORMED -> Kind.REJECTED;
    };
  }
}
