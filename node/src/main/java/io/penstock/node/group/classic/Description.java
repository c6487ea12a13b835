package io.penstock.node.group.classic;

import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.effect.MemberName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;

/** What tools are told of a group. */
final class Description {

  private static final String CONSUMERS = "consumer";

  private Description() {}

  /** Between generations members have no assignment to tell of, nor a protocol. */
  static DescribedGroup of(ClassicGroup group) {
    boolean stable = group.is(ClassicState.STABLE);
    List<DescribedGroupMember> members = new ArrayList<>(group.members().size());
    for (ClassicMember each : group.members().all()) {
      members.add(
          new DescribedGroupMember()
              .setMemberId(each.id())
              .setGroupInstanceId(each.instanceId())
              .setClientId(each.clientId())
              .setClientHost(each.clientHost())
              .setMemberMetadata(stable ? each.metadata(group.protocol()) : ClassicMember.NO_BYTES)
              .setMemberAssignment(stable ? each.assignment() : ClassicMember.NO_BYTES));
    }
    String protocol = group.protocol();
    return new DescribedGroup()
        .setGroupId(group.id())
        .setGroupState(group.state())
        .setProtocolType(group.protocolType())
        .setProtocolData(stable && protocol != null ? protocol : "")
        .setMembers(members);
  }

  static Map<String, MemberName> memberNames(ClassicGroup group) {
    Map<String, MemberName> names = new HashMap<>();
    for (ClassicMember each : group.members().all()) {
      names.put(each.id(), new MemberName(each.instanceId(), each.clientId(), each.clientHost()));
    }
    return names;
  }

  /** Whether a member consumes the topic, or may: not every subscription can be read. */
  static boolean isSubscribedTo(ClassicGroup group, String topic) {
    if (group.members().isEmpty()) {
      return false;
    }
    if (!group.protocolType().equals(CONSUMERS) || group.protocol() == null) {
      return true;
    }
    for (ClassicMember each : group.members().all()) {
      if (mayRead(each.metadata(group.protocol()), topic)) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayRead(byte[] subscription, String topic) {
    try {
      return EmbeddedProtocol.topics(subscription).contains(topic);
    } catch (RuntimeException unreadable) {
      return true;
    }
  }

  /** Who has which partitions, by topic, as far as members' assignments can be read. */
  static Map<String, Map<Integer, String>> owners(ClassicGroup group) {
    if (!group.is(ClassicState.STABLE) || !group.protocolType().equals(CONSUMERS)) {
      return Map.of();
    }
    Map<String, Map<Integer, String>> owners = new HashMap<>();
    for (ClassicMember each : group.members().all()) {
      assigned(each.assignment())
          .forEach((topic, partitions) -> {
            Map<Integer, String> of = owners.computeIfAbsent(topic, _ -> new HashMap<>());
            partitions.stream().forEach(partition -> of.put(partition, each.id()));
          });
    }
    return owners;
  }

  private static Map<String, PartitionSet> assigned(byte[] assignment) {
    try {
      return assignment.length == 0 ? Map.of() : EmbeddedProtocol.assignment(assignment, _ -> true);
    } catch (RuntimeException unreadable) {
      return Map.of();
    }
  }
}
