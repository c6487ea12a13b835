package io.penstock.node.peer;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All connections to one address: a line for each lane, and for {@link Lane#PARKED} as many as
 * there are requests at a time. Bounds what is under way there. Any thread.
 */
final class PeerLines {

  private static final long BYTES_UNDER_WAY_MAX = 4L * PeerNetwork.BODY_BYTES_MAX;
  private static final int PARKED_MAX = 32;

  private final Address to;
  private final PeerOpener opener;
  private final Map<Lane, PeerLine> shared = new EnumMap<>(Lane.class);

  /** Lines of the parked lane that nobody uses; the one used last comes first. */
  private final Deque<PeerLine> free = new ArrayDeque<>();

  private final List<PeerLine> parked = new ArrayList<>();
  private final AtomicLong bytesUnderWay = new AtomicLong();

  PeerLines(Address to, PeerOpener opener) {
    this.to = to;
    this.opener = opener;
    for (Lane lane : Lane.values()) {
      if (lane != Lane.PARKED) {
        shared.put(lane, PeerLine.shared(to, opener));
      }
    }
  }

  CompletableFuture<byte[]> ask(PeerApi api, byte[] body, long timeoutMs) {
    if (bytesUnderWay.addAndGet(body.length) > BYTES_UNDER_WAY_MAX) {
      bytesUnderWay.addAndGet(-body.length);
      return busy();
    }
    PeerLine line = shared.get(Lane.of(api));
    CompletableFuture<byte[]> answer =
        line == null ? askParked(api, body, timeoutMs) : line.ask(api, body, timeoutMs);
    return answer.whenComplete((_, _) -> bytesUnderWay.addAndGet(-body.length));
  }

  private CompletableFuture<byte[]> askParked(PeerApi api, byte[] body, long timeoutMs) {
    PeerLine line = takeFree();
    if (line == null) {
      return busy();
    }
    return line.ask(api, body, timeoutMs).whenComplete((_, _) -> giveBack(line));
  }

  private synchronized @Nullable PeerLine takeFree() {
    PeerLine line = free.pollFirst();
    if (line == null && parked.size() < PARKED_MAX) {
      line = PeerLine.ofOneAtATime(to, opener);
      parked.add(line);
    }
    return line;
  }

  private synchronized void giveBack(PeerLine line) {
    free.addFirst(line);
  }

  private CompletableFuture<byte[]> busy() {
    return CompletableFuture.failedFuture(
        new PeerException(Kind.BUSY, "too much is under way to " + to));
  }

  synchronized int open() {
    return (int)
        (shared.values().stream().filter(PeerLine::isOpen).count()
            + parked.stream().filter(PeerLine::isOpen).count());
  }

  synchronized void close() {
    shared.values().forEach(PeerLine::close);
    parked.forEach(PeerLine::close);
  }
}
