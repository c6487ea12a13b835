package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.jspecify.annotations.Nullable;

/**
 * The members of one group in the order in which they came, with what has to be known of all of
 * them at once kept up to date: who of them leads, who is which static member, how many wait to
 * have joined, which protocol how many know, and what they take in memory.
 */
final class ClassicMembers {

  private final Map<String, ClassicMember> byId = new LinkedHashMap<>();
  private final Map<String, String> idOfInstance = new HashMap<>();
  private final Map<String, Integer> supporters = new HashMap<>();
  private @Nullable String leader;
  private int joining;
  private long bytes;
  private long assignedBytes;

  int size() {
    return byId.size();
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  Collection<ClassicMember> all() {
    return byId.values();
  }

  /** As {@link #all}, for those who add or remove members meanwhile. */
  List<ClassicMember> copy() {
    return new ArrayList<>(byId.values());
  }

  @Nullable ClassicMember find(String id) {
    return byId.get(id);
  }

  boolean has(String id) {
    return byId.containsKey(id);
  }

  /** The id under which a static member is known now, or null. */
  @Nullable String idOf(String instanceId) {
    return idOfInstance.get(instanceId);
  }

  void add(ClassicMember member) {
    byId.put(member.id(), member);
    if (member.instanceId() != null) {
      idOfInstance.put(member.instanceId(), member.id());
    }
    count(member, 1);
    if (leader == null) {
      leader = member.id();
    }
  }

  /** Takes a member out, whose answers have been given; the oldest one left succeeds a leader. */
  void remove(ClassicMember member) {
    byId.remove(member.id());
    if (member.instanceId() != null) {
      idOfInstance.remove(member.instanceId(), member.id());
    }
    count(member, -1);
    if (isLeader(member.id())) {
      leader = byId.isEmpty() ? null : byId.keySet().iterator().next();
    }
  }

  /** Puts a member in the place of another, leadership included. */
  void replace(ClassicMember old, ClassicMember successor) {
    boolean led = isLeader(old.id());
    remove(old);
    add(successor);
    if (led) {
      leader = successor.id();
    }
  }

  void update(ClassicMember member, JoinCall call, List<MemberProtocol> protocols) {
    count(member, -1);
    member.update(call, protocols);
    count(member, 1);
  }

  private void count(ClassicMember member, int difference) {
    for (MemberProtocol protocol : member.protocols()) {
      supporters.merge(protocol.name(), difference, ClassicMembers::sumOrNothing);
    }
    bytes += difference * MemberProtocol.bytes(member.protocols());
    assignedBytes += (long) difference * member.assignment().length;
  }

  private static @Nullable Integer sumOrNothing(Integer one, Integer other) {
    int sum = one + other;
    return sum == 0 ? null : sum;
  }

  /** What all members know of the protocols, about, in memory. */
  long bytes() {
    return bytes;
  }

  /** Gives one of the members what it was assigned, in the place of what it had. */
  void assign(ClassicMember member, byte[] assignment) {
    assignedBytes += assignment.length - member.assignment().length;
    member.assign(assignment);
  }

  /** What all members were assigned, in memory. */
  long assignedBytes() {
    return assignedBytes;
  }

  boolean allSupport(String protocol) {
    return supporters.getOrDefault(protocol, 0) == byId.size();
  }

  @Nullable String leader() {
    return leader;
  }

  boolean isLeader(String id) {
    return id.equals(leader);
  }

  /** Makes sure that whoever leads has joined; false where nobody has. */
  boolean electJoined() {
    if (leader == null) {
      return false;
    }
    ClassicMember current = byId.get(leader);
    if (current != null && current.isJoining()) {
      return true;
    }
    for (ClassicMember each : byId.values()) {
      if (each.isJoining()) {
        leader = each.id();
        return true;
      }
    }
    return false;
  }

  void lead(@Nullable String id) {
    if (id != null && byId.containsKey(id)) {
      leader = id;
    }
  }

  /** Parks the answer of a member that joins, and returns the one that was parked before it. */
  @Nullable Reply<JoinGroupResponseData> park(
      ClassicMember member, Reply<JoinGroupResponseData> reply) {
    Reply<JoinGroupResponseData> before = member.joining();
    member.setJoining(reply);
    joining += before == null ? 1 : 0;
    return before;
  }

  /** Takes the parked answer of a member back, or null where it has none. */
  @Nullable Reply<JoinGroupResponseData> unpark(ClassicMember member) {
    Reply<JoinGroupResponseData> reply = member.joining();
    member.setJoining(null);
    joining -= reply == null ? 0 : 1;
    return reply;
  }

  int joining() {
    return joining;
  }

  boolean allJoined() {
    return joining == byId.size();
  }

  /** How long the slowest of them may take to rejoin. */
  int rebalanceTimeoutMs() {
    int longest = 0;
    for (ClassicMember each : byId.values()) {
      longest = Math.max(longest, each.rebalanceTimeoutMs());
    }
    return longest;
  }
}
