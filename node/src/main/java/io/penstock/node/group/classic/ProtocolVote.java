package io.penstock.node.group.classic;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Chooses the protocol of a generation: each member votes for the first of its own that all know.
 * Of two with as many votes, the one that was voted for first is taken, by the order of members:
 * the same members in the same order always choose the same.
 */
final class ProtocolVote {

  private ProtocolVote() {}

  static String winner(ClassicMembers members) {
    Map<String, Integer> votes = new LinkedHashMap<>();
    for (ClassicMember member : members.all()) {
      votes.merge(voteOf(member, members), 1, Integer::sum);
    }
    String winner = "";
    int most = 0;
    for (Map.Entry<String, Integer> each : votes.entrySet()) {
      if (each.getValue() > most) {
        most = each.getValue();
        winner = each.getKey();
      }
    }
    return winner;
  }

  private static String voteOf(ClassicMember member, ClassicMembers members) {
    for (MemberProtocol each : member.protocols()) {
      if (members.allSupport(each.name())) {
        return each.name();
      }
    }
    throw new IllegalStateException("members without a common protocol have been let in");
  }
}
