package io.penstock.node.group.assign;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What an assignor knows of a group: its members, in any order, each name once, and the topics they
 * are subscribed to.
 *
 * @param topics by their ids; a topic that is not in here has no partitions, whoever is subscribed
 */
public record GroupSpec(List<MemberSpec> members, Map<UUID, TopicSpec> topics) {

  public GroupSpec {
    members = List.copyOf(members);
    topics = Map.copyOf(topics);
  }

  /** The group of these members, with these topics. */
  public static GroupSpec of(Collection<MemberSpec> members, Collection<TopicSpec> topics) {
    Map<UUID, TopicSpec> byId = new HashMap<>();
    topics.forEach(topic -> byId.put(topic.id(), topic));
    return new GroupSpec(List.copyOf(members), byId);
  }
}
