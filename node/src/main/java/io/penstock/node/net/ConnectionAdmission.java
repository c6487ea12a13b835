package io.penstock.node.net;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts open connections, in all and by IP address, and refuses those that are too many. Any
 * thread; touched once when a connection opens and once when it closes.
 */
final class ConnectionAdmission {

  private final ServerSettings.ConnectionLimits limits;
  private final Map<InetAddress, Integer> byAddress = new HashMap<>();
  private int open;

  ConnectionAdmission(ServerSettings.ConnectionLimits limits) {
    this.limits = limits;
  }

  /** Counts a connection and returns true, or returns false where it is one too many. */
  synchronized boolean admit(InetAddress address) {
    int fromThere = byAddress.getOrDefault(address, 0);
    if (open >= limits.connectionsMax() || fromThere >= limits.perAddressMax()) {
      return false;
    }
    open++;
    byAddress.put(address, fromThere + 1);
    return true;
  }

  synchronized void release(InetAddress address) {
    open--;
    byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
  }

  synchronized int open() {
    return open;
  }
}
