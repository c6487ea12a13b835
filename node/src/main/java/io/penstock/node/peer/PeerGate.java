package io.penstock.node.peer;

import io.penstock.replication.peer.Compatibility;
import io.penstock.replication.peer.Introduction;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether two nodes may talk. What it objects to is said in words that both operators
 * understand, because it is logged on both sides. Any thread.
 */
final class PeerGate {

  /** A process that has said nothing for so long does not keep its node id from another one. */
  private static final long SILENT_NS = 10_000_000_000L;

  private final Supplier<Introduction> self;
  private final LongSupplier nanoClock;
  private final Map<Integer, Guest> guests = new HashMap<>();

  /**
   * The directory under which a node is connected here, by how many connections, and since when.
   */
  private static final class Guest {
    private final UUID directoryId;
    private final Introduction introduction;
    private int connections;
    private long heardNs;

    private Guest(Introduction introduction) {
      this.directoryId = introduction.directoryId();
      this.introduction = introduction;
    }
  }

  PeerGate(Supplier<Introduction> self, LongSupplier nanoClock) {
    this.self = self;
    this.nanoClock = nanoClock;
  }

  Introduction self() {
    return self.get();
  }

  /** Why this node must not talk with the other at all, or null. */
  @Nullable String objection(Introduction other) {
    return Compatibility.objection(self.get(), other);
  }

  /** Lets a connection in and counts it, or says why not. */
  synchronized @Nullable String admit(Introduction other) {
    String objection = Compatibility.objection(self.get(), other);
    if (objection != null) {
      return objection;
    }
    long now = nanoClock.getAsLong();
    Guest guest = guests.get(other.nodeId());
    if (guest != null && !guest.directoryId.equals(other.directoryId())) {
      if (now - guest.heardNs < SILENT_NS) {
        return Compatibility.inUse(guest.introduction, other);
      }
      guest = null;
    }
    if (guest == null) {
      guest = new Guest(other);
      guests.put(other.nodeId(), guest);
    }
    guest.connections++;
    guest.heardNs = now;
    return null;
  }

  /** A request has come on a connection that was let in. */
  synchronized void heard(Introduction other) {
    Guest guest = guests.get(other.nodeId());
    if (guest != null && guest.directoryId.equals(other.directoryId())) {
      guest.heardNs = nanoClock.getAsLong();
    }
  }

  /** A connection that was let in has ended. */
  synchronized void left(Introduction other) {
    Guest guest = guests.get(other.nodeId());
    if (guest != null && guest.directoryId.equals(other.directoryId())) {
      guest.connections--;
      if (guest.connections == 0) {
        guests.remove(other.nodeId());
      }
    }
  }
}
