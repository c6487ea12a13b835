package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import java.util.List;

/**
 * How a node observes a group.
 *
 * @param group its number
 * @param name for the log
 * @param self who asks
 * @param seeds addresses of nodes, any of which can name the voters
 * @param waitMs how long a voter may hold an answer back for something to come
 */
public record PollerSettings(int group, String name, Member self, List<Address> seeds, int waitMs) {

  /** A voter that is silent is found out soon after. */
  public static final int WAIT_MS = 1_000;

  public PollerSettings {
    seeds = List.copyOf(seeds);
  }
}
