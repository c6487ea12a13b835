package io.penstock.node.formation;

import io.penstock.replication.peer.Compatibility;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Decides from what all others replied in one round how this node takes part. Pure.
 *
 * <p>Why never two clusters come of one list of voters: a node begins one only where every voter of
 * the list has told, after this node had told the same, that it would begin with just these
 * members. Whoever finds other members after that (a voter was wiped in between) has first heard
 * from those who began, or waits for one who has. What a voter that has begun tells is taken over
 * as it is.
 */
final class FormationRules {

  private FormationRules() {}

  /**
   * For a voter: what the round says.
   *
   * @param self as it introduced itself in this round
   * @param replies of all other voters that its configuration names
   */
  static Decision decide(Introduction self, Map<NamedVoter, Reply> replies) {
    Decision begun = followThoseWhoHaveBegun(self, replies);
    if (begun != null) {
      return begun;
    }
    Map<String, String> missing = new TreeMap<>();
    Map<String, String> objections = new TreeMap<>();
    List<Member> members = new ArrayList<>();
    members.add(self.member());
    boolean allAgree = true;
    for (Map.Entry<NamedVoter, Reply> entry : replies.entrySet()) {
      NamedVoter voter = entry.getKey();
      switch (entry.getValue()) {
        case Reply.Absent(String why) -> missing.put(voter.toString(), why);
        case Reply.Objects(String why) -> objections.put(voter.toString(), why);
        case Reply.Here(Introduction other) -> {
          String objection = objection(self, voter, other);
          if (objection != null) {
            objections.put(voter.toString(), objection);
          }
          members.add(other.member());
          allAgree &= Objects.equals(other.plan().agreed(), self.plan().agreed());
        }
      }
    }
    if (!objections.isEmpty()) {
      return objections.size() == replies.size()
          ? new Decision.Objected(List.copyOf(objections.values()))
          : waiting(missing, objections);
    }
    if (!missing.isEmpty()) {
      return new Decision.Wait(missing);
    }
    members.sort(Comparator.comparingInt(Member::nodeId));
    if (members.size() == 1) {
      return new Decision.Take(new Formation.Voter(null, members));
    }
    UUID clusterId = clusterIdOf(self.clusterName(), members);
    if (!clusterId.equals(self.plan().agreed())) {
      return new Decision.Propose(clusterId);
    }
    return allAgree
        ? new Decision.Take(new Formation.Voter(clusterId, members))
        : new Decision.Wait(Map.of());
  }

  /** For a node that is named no voter: anybody who knows the cluster will do. */
  static Decision join(Introduction self, Map<String, Reply> replies) {
    Map<String, String> missing = new TreeMap<>();
    Map<String, String> objections = new TreeMap<>();
    for (Map.Entry<String, Reply> entry : replies.entrySet()) {
      switch (entry.getValue()) {
        case Reply.Absent(String why) -> missing.put(entry.getKey(), why);
        case Reply.Objects(String why) -> objections.put(entry.getKey(), why);
        case Reply.Here(Introduction other) -> {
          String objection = Compatibility.objection(self, other);
          UUID clusterId = other.clusterId();
          if (objection != null) {
            objections.put(entry.getKey(), objection);
          } else if (clusterId != null) {
            return new Decision.Take(new Formation.Observer(clusterId, other.voters()));
          } else {
            missing.put(entry.getKey(), "knows of no cluster yet");
          }
        }
      }
    }
    return !objections.isEmpty() && missing.isEmpty()
        ? new Decision.Objected(List.copyOf(objections.values()))
        : waiting(missing, objections);
  }

  /** They are members already: with this node, or without it. */
  private static @Nullable Decision followThoseWhoHaveBegun(
      Introduction self, Map<NamedVoter, Reply> replies) {
    for (Reply reply : replies.values()) {
      if (reply instanceof Reply.Here(Introduction other)
          && Compatibility.objection(self, other) == null) {
        UUID clusterId = other.clusterId();
        if (clusterId != null && !other.voters().isEmpty()) {
          return new Decision.Take(
              isAmong(self, other.voters())
                  ? new Formation.Voter(clusterId, other.voters())
                  : new Formation.Observer(clusterId, other.voters()));
        }
      }
    }
    return null;
  }

  static boolean isAmong(Introduction self, List<Member> voters) {
    return voters.stream()
        .anyMatch(voter ->
            voter.nodeId() == self.nodeId() && voter.directoryId().equals(self.directoryId()));
  }

  private static @Nullable String objection(
      Introduction self, NamedVoter voter, Introduction other) {
    String objection = Compatibility.objection(self, other);
    if (objection != null) {
      return objection;
    }
    if (other.nodeId() != voter.nodeId()) {
      return "at "
          + voter.address()
          + " node "
          + voter.nodeId()
          + " was expected, but node "
          + other.nodeId()
          + " answers: correct `cluster.voters` or `node.id`";
    }
    if (!self.plan().voters().equals(other.plan().voters())) {
      return "`cluster.voters` of node "
          + self.nodeId()
          + " is "
          + self.plan().voters()
          + ", of node "
          + other.nodeId()
          + " "
          + other.plan().voters()
          + ": write the same list in both";
    }
    return null;
  }

  private static Decision waiting(Map<String, String> missing, Map<String, String> objections) {
    Map<String, String> all = new TreeMap<>(missing);
    all.putAll(objections);
    return new Decision.Wait(all);
  }

  /** The same on every voter, and another one for any other set of directories. */
  static UUID clusterIdOf(String clusterName, List<Member> members) {
    StringBuilder text = new StringBuilder(clusterName);
    for (Member member : members) {
      text.append('\n').append(member.nodeId());
      text.append(' ').append(member.directoryId());
      text.append(' ').append(member.address());
    }
    return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
