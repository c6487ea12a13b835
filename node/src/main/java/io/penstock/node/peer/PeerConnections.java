package io.penstock.node.peer;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.client.net.ClientTransport;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Asks other nodes, over connections that it opens when they are needed and keeps. A failure is
 * told as it is, at once: when to try again is for those to decide who know what it is about.
 */
public final class PeerConnections implements PeerNetwork, AutoCloseable {

  /** More nodes than that are not one cluster. */
  private static final int ADDRESSES_MAX = 10_000;

  private static final int FRAME_OVERHEAD_BYTES = 1024;

  private final ClientTransport transport = ClientTransport.owning("penstock-peers", 1);
  private final PeerOpener opener;
  private final MetricRegistry metrics;
  private final Map<Address, PeerLines> lines = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * Opens nothing yet.
   *
   * @param self what this node says of itself at the moment of asking
   * @param watcher told of peers whose connections end
   */
  public PeerConnections(Supplier<Introduction> self, PeerWatcher watcher, MetricRegistry metrics) {
    this.opener =
        new PeerOpener(transport, self, watcher, BODY_BYTES_MAX + FRAME_OVERHEAD_BYTES, metrics);
    this.metrics = metrics;
    Gauge<Integer> open = () -> lines.values().stream().mapToInt(PeerLines::open).sum();
    metrics.remove("penstock.peer.links.open");
    metrics.gauge("penstock.peer.links.open", () -> open);
  }

  @Override
  public CompletionStage<byte[]> ask(Address to, PeerApi api, byte[] body, long timeoutMs) {
    if (body.length > BODY_BYTES_MAX) {
      throw new IllegalArgumentException("a request of " + body.length + " bytes: " + api);
    }
    if (closed) {
      return CompletableFuture.failedFuture(stopping());
    }
    PeerLines there = lines.get(to);
    if (there == null) {
      if (lines.size() >= ADDRESSES_MAX) {
        return CompletableFuture.failedFuture(
            new PeerException(Kind.BUSY, "more than " + ADDRESSES_MAX + " peers"));
      }
      there = lines.computeIfAbsent(to, address -> new PeerLines(address, opener));
    }
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    var _ =
        there
            .ask(api, body, timeoutMs)
            .whenComplete((answer, failure) -> {
              if (failure == null) {
                result.complete(answer);
              } else {
                result.completeExceptionally(told(failure));
              }
            });
    return result;
  }

  private PeerException told(Throwable failure) {
    PeerException told = closed ? stopping() : PeerOpener.peerException(failure);
    metrics.meter("penstock.peer.unanswered." + told.kind().name().toLowerCase(Locale.ROOT)).mark();
    return told;
  }

  private static PeerException stopping() {
    return new PeerException(Kind.CLOSED, "this node is stopping");
  }

  @Override
  public void close() {
    closed = true;
    lines.values().forEach(PeerLines::close);
    transport.close();
  }
}
