package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.GroupSpec;
import io.penstock.node.group.assign.MemberSpec;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.assign.ServerAssignor;
import io.penstock.node.group.assign.TopicSpec;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Gives each partition to any of its subscribers, another one each time: much has to move. */
final class RandomAssignor implements ServerAssignor {

  private final Random random;

  RandomAssignor(Random random) {
    this.random = random;
  }

  @Override
  public String name() {
    return "random";
  }

  @Override
  public Map<String, MemberTarget> assign(GroupSpec group) {
    Map<String, MemberTarget> targets = new HashMap<>();
    group.members().forEach(member -> targets.put(member.memberId(), MemberTarget.EMPTY));
    List<TopicSpec> topics =
        group.topics().values().stream().sorted(Comparator.comparing(TopicSpec::id)).toList();
    for (TopicSpec topic : topics) {
      List<String> subscribers =
          group.members().stream()
              .filter(member -> member.topics().contains(topic.id()))
              .map(MemberSpec::memberId)
              .sorted()
              .toList();
      for (int i = 0; i < topic.partitions() && !subscribers.isEmpty(); i++) {
        MemberTarget one = new MemberTarget(Map.of(topic.id(), PartitionSet.of(i)));
        targets.merge(subscribers.get(random.nextInt(subscribers.size())), one, MemberTarget::plus);
      }
    }
    return targets;
  }
}
