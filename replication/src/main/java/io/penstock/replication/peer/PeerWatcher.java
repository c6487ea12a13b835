package io.penstock.replication.peer;

import io.penstock.replication.value.Address;

/**
 * Told when an established connection to or from a peer ended without this node having closed it:
 * evidence that the process behind it may be gone. Called on network threads; must not block.
 */
@FunctionalInterface
public interface PeerWatcher {

  void connectionLost(PeerCaller peer, Address address);
}
