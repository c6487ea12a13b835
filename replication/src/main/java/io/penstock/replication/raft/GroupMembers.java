package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.util.List;

/**
 * What a group's leader knows of the voters.
 *
 * @param committedIndex the last entry that is agreed on
 */
public record GroupMembers(int leaderId, long term, long committedIndex, List<Progress> voters) {

  public GroupMembers {
    voters = List.copyOf(voters);
  }

  /**
   * How far one voter is.
   *
   * @param matchIndex the last entry that it is known to have, or -1
   * @param lastContactMs when it answered last, in milliseconds since 1970; now for the leader
   */
  public record Progress(Member member, long matchIndex, long lastContactMs) {}
}
