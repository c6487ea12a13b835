package io.penstock.node.replica;

import io.penstock.node.peer.PeerConnection;
import io.penstock.node.peer.PeerOpener;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.value.Address;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one leader node on one lane, made when there is none to where the newest image
 * says that the node is. It outlives those who use it: an end that this side makes looks like a
 * death to the other, which would call on this node each time that it follows nothing for a while.
 * Any thread.
 */
final class LeaderLine {

  private final int leader;
  private final RemoteLeaders all;
  private @Nullable CompletableFuture<PeerConnection> connection;
  private boolean closed;

  LeaderLine(int leader, RemoteLeaders all) {
    this.leader = leader;
    this.all = all;
  }

  /** Fails with {@link PeerException}, or what {@link PeerOpener#peerException} understands. */
  synchronized CompletableFuture<PeerConnection> connected() {
    if (closed) {
      return CompletableFuture.failedFuture(
          new PeerException(Kind.CLOSED, "this node is stopping"));
    }
    CompletableFuture<PeerConnection> existing = connection;
    if (existing != null && isUsable(existing)) {
      return existing;
    }
    Address address = all.addressOf(leader);
    if (address == null) {
      return CompletableFuture.failedFuture(
          new PeerException(Kind.UNREACHABLE, "node " + leader + " is not registered"));
    }
    CompletableFuture<PeerConnection> opening =
        all.opener().open(address).thenApply(open -> checked(open, address));
    connection = opening;
    return opening;
  }

  private static boolean isUsable(CompletableFuture<PeerConnection> connection) {
    return !connection.isDone()
        || (!connection.isCompletedExceptionally() && connection.join().isOpen());
  }

  /** Another node may have got the address meanwhile. */
  private PeerConnection checked(PeerConnection open, Address address) {
    if (open.peer().nodeId() != leader) {
      open.close();
      throw new PeerException(
          Kind.REJECTED,
          "node " + open.peer().nodeId() + " answers at " + address + ", not node " + leader);
    }
    return open;
  }

  /** Lets the leader know that what it has parked is wanted now. */
  void hurry() {
    CompletableFuture<PeerConnection> existing;
    synchronized (this) {
      existing = connection;
    }
    if (existing != null && existing.isDone() && isUsable(existing)) {
      existing.join().hurry();
    }
  }

  void close() {
    CompletableFuture<PeerConnection> open;
    synchronized (this) {
      closed = true;
      open = connection;
    }
    if (open != null) {
      var _ = open.thenAccept(PeerConnection::close);
    }
  }
}
