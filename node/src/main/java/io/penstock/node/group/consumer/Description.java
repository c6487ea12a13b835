package io.penstock.node.group.consumer;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.MemberName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;

/** A group of the consumer protocol as operators see it. */
final class Description {

  private static final byte CLASSIC_MEMBER = 0;
  private static final byte CONSUMER_MEMBER = 1;

  private Description() {}

  static String stateOf(ConsumerState state) {
    if (state.size() == 0) {
      return "Empty";
    }
    if (state.epoch().epoch() > state.targetEpoch()) {
      return "Assigning";
    }
    for (String memberId : state.memberIds()) {
      if (!state.current(memberId).isAt(state.targetEpoch())) {
        return "Reconciling";
      }
    }
    return "Stable";
  }

  static DescribedGroup of(ConsumerGroup group) {
    ConsumerState state = group.inner();
    List<Member> members = new ArrayList<>(state.size());
    state
        .members()
        .forEach(
            (memberId, member) -> members.add(member(memberId, member, state, group.topics())));
    return new DescribedGroup()
        .setGroupId(state.groupId())
        .setGroupState(stateOf(state))
        .setGroupEpoch(state.epoch().epoch())
        .setAssignmentEpoch(state.targetEpoch())
        .setAssignorName(Targets.assignor(state, group.settings()).name())
        .setMembers(members);
  }

  static Map<String, MemberName> memberNames(ConsumerState state) {
    Map<String, MemberName> names = new HashMap<>();
    state
        .members()
        .forEach((memberId, member) ->
            names.put(
                memberId,
                new MemberName(member.instanceId(), member.clientId(), member.clientHost())));
    return names;
  }

  /** Who has which partitions, by topic. */
  static Map<String, Map<Integer, String>> owners(ConsumerGroup group) {
    Map<String, Map<Integer, String>> owners = new HashMap<>();
    for (String memberId : group.inner().memberIds()) {
      group
          .inner()
          .current(memberId)
          .assigned()
          .topics()
          .forEach((id, set) -> {
            String name = group.topics().nameOf(id);
            if (name != null) {
              Map<Integer, String> of = owners.computeIfAbsent(name, _ -> new HashMap<>());
              set.stream().forEach(partition -> of.put(partition, memberId));
            }
          });
    }
    return owners;
  }

  private static Member member(
      String memberId, MemberDescription member, ConsumerState state, TopicCatalog topics) {
    CurrentAssignment current = state.current(memberId);
    return new Member()
        .setMemberId(memberId)
        .setInstanceId(member.instanceId())
        .setRackId(member.rack())
        .setMemberEpoch(current.epoch())
        .setClientId(member.clientId())
        .setClientHost(member.clientHost())
        .setSubscribedTopicNames(member.topics())
        .setSubscribedTopicRegex(member.regex())
        .setAssignment(named(current.assigned(), topics))
        .setTargetAssignment(named(state.target(memberId), topics))
        .setMemberType(member.classic() == null ? CONSUMER_MEMBER : CLASSIC_MEMBER);
  }

  /** A topic that is gone has no name. */
  private static Assignment named(MemberTarget partitions, TopicCatalog topics) {
    List<TopicPartitions> told = new ArrayList<>(partitions.topics().size());
    partitions
        .topics()
        .forEach((id, set) -> {
          String name = topics.nameOf(id);
          if (name != null) {
            told.add(
                new TopicPartitions()
                    .setTopicId(KafkaIds.toKafka(id))
                    .setTopicName(name)
                    .setPartitions(set.toList()));
          }
        });
    return new Assignment().setTopicPartitions(told);
  }
}
