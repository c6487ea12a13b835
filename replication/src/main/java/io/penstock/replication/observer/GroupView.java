package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who leads a group and who votes in it, as one node knows it.
 *
 * @param leaderId a node, or {@link #NOBODY}
 * @param term rises with each election
 * @param voters empty where none are known
 */
public record GroupView(int leaderId, long term, List<Member> voters) {

  public static final int NOBODY = -1;

  /** Before anything is known. */
  public static final GroupView UNKNOWN = new GroupView(NOBODY, 0, List.of());

  public GroupView {
    voters = List.copyOf(voters);
  }

  public boolean hasLeader() {
    return leaderId != NOBODY;
  }

  public @Nullable Member voter(int nodeId) {
    for (Member voter : voters) {
      if (voter.nodeId() == nodeId) {
        return voter;
      }
    }
    return null;
  }

  /** Where the leader is reached, or null where it is not known. */
  public @Nullable Address leaderAddress() {
    Member leader = voter(leaderId);
    return leader == null ? null : leader.address();
  }
}
