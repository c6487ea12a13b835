package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom an observer asks: the voters it has heard of, then the addresses it was configured with, any
 * of which can name the voters. Observers begin at different places of the list, so that they
 * spread over the voters. Owned by the poller's thread.
 */
final class VoterChoice {

  private final Member self;
  private final List<Address> seeds;
  private List<Address> candidates;
  private int next;
  private int triedInVain;

  VoterChoice(Member self, List<Address> seeds) {
    this.self = self;
    this.seeds = List.copyOf(seeds);
    this.candidates = candidates(List.of());
    this.next = self.nodeId();
  }

  /** These vote now. Who is asked stays the same, if it is one of them. */
  void votersAre(List<Member> voters) {
    List<Address> now = candidates(voters);
    if (voters.isEmpty() || now.equals(candidates)) {
      return;
    }
    Address current = current();
    candidates = now;
    int index = current == null ? -1 : now.indexOf(current);
    boolean votes = index >= 0 && index < votersAmong(voters);
    next = votes ? index : Math.floorMod(self.nodeId(), Math.max(1, votersAmong(voters)));
  }

  private int votersAmong(List<Member> voters) {
    return (int) voters.stream().filter(voter -> voter.nodeId() != self.nodeId()).count();
  }

  private List<Address> candidates(List<Member> voters) {
    List<Address> all = new ArrayList<>();
    for (Member voter : voters) {
      if (voter.nodeId() != self.nodeId()) {
        all.add(voter.address());
      }
    }
    for (Address seed : seeds) {
      if (!all.contains(seed) && !seed.equals(self.address())) {
        all.add(seed);
      }
    }
    return all;
  }

  /** Whom to ask, or null where nobody is known. */
  @Nullable Address current() {
    return candidates.isEmpty() ? null : candidates.get(Math.floorMod(next, candidates.size()));
  }

  /** The present one answered as it should. */
  void wasGood() {
    triedInVain = 0;
  }

  /** On to the next; returns how often all of them were tried in vain. */
  int wasBad() {
    triedInVain++;
    next = candidates.isEmpty() ? 0 : Math.floorMod(next + 1, candidates.size());
    return triedInVain / Math.max(1, candidates.size());
  }
}
