package io.penstock.node.peer;

import io.penstock.node.api.ConnectionAttachment;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerWatcher;

/** A connection whose other end has introduced itself. Lives as long as the connection. */
final class PeerSession implements ConnectionAttachment {

  private final Introduction peer;
  private final PeerCaller caller;
  private final PeerGate gate;
  private final PeerWatcher watcher;

  PeerSession(Introduction peer, PeerGate gate, PeerWatcher watcher) {
    this.peer = peer;
    this.caller = peer.caller();
    this.gate = gate;
    this.watcher = watcher;
  }

  Introduction peer() {
    return peer;
  }

  PeerCaller caller() {
    return caller;
  }

  @Override
  public int peerNodeId() {
    return caller.nodeId();
  }

  void heard() {
    gate.heard(peer);
  }

  @Override
  public void connectionEnded(boolean byThisNode) {
    gate.left(peer);
    if (!byThisNode) {
      watcher.connectionLost(caller, peer.address());
    }
  }
}
