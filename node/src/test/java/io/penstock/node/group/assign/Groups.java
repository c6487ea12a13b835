package io.penstock.node.group.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes groups for the tests of assignors, and checks what must hold of every assignment. */
final class Groups {

  static final List<String> RACKS = List.of("a", "b", "c");

  private Groups() {}

  static UUID id(int topic) {
    return new UUID(topic, topic);
  }

  static TopicSpec topic(int topic, int partitions) {
    return TopicSpec.of(id(topic), partitions);
  }

  /** A dynamic member without a rack that has nothing. */
  static MemberSpec member(String name, Collection<UUID> topics) {
    return new MemberSpec(name, null, null, Set.copyOf(topics), MemberTarget.EMPTY);
  }

  static MemberSpec with(MemberSpec member, MemberTarget target) {
    return new MemberSpec(
        member.memberId(), member.instanceId(), member.rack(), member.topics(), target);
  }

  static MemberTarget target(Map<String, MemberTarget> targets, String memberId) {
    MemberTarget target = targets.get(memberId);
    assertNotNull(target, memberId);
    return target;
  }

  /** The group as it is when what was decided is what its members have. */
  static GroupSpec after(GroupSpec group, Map<String, MemberTarget> targets) {
    List<MemberSpec> members =
        group.members().stream()
            .map(member -> with(member, targets.getOrDefault(member.memberId(), member.target())))
            .toList();
    return new GroupSpec(members, group.topics());
  }

  static GroupSpec plus(GroupSpec group, MemberSpec joining) {
    List<MemberSpec> members = new ArrayList<>(group.members());
    members.add(joining);
    return new GroupSpec(members, group.topics());
  }

  static GroupSpec minus(GroupSpec group, String leaving) {
    return new GroupSpec(
        group.members().stream().filter(member -> !member.memberId().equals(leaving)).toList(),
        group.topics());
  }

  static GroupSpec shuffled(GroupSpec group, Random random) {
    List<MemberSpec> members = new ArrayList<>(group.members());
    Collections.shuffle(members, random);
    return new GroupSpec(members, group.topics());
  }

  /** Up to twelve members that are all subscribed to all of up to five topics. */
  static GroupSpec homogeneous(Random random) {
    List<TopicSpec> topics = topics(random);
    Set<UUID> all = new HashSet<>();
    topics.forEach(topic -> all.add(topic.id()));
    List<MemberSpec> members = new ArrayList<>();
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      members.add(member(random, i, all, MemberTarget.EMPTY));
    }
    return GroupSpec.of(members, topics);
  }

  /** Members that are subscribed to whatever, and have whatever, some of it not to be had. */
  static GroupSpec arbitrary(Random random) {
    List<TopicSpec> topics = topics(random);
    List<MemberSpec> members = new ArrayList<>();
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      Set<UUID> subscribed = new HashSet<>();
      for (int topic = 0; topic <= topics.size(); topic++) {
        if (random.nextInt(3) > 0) {
          subscribed.add(id(topic));
        }
      }
      members.add(member(random, i, subscribed, held(random, topics.size())));
    }
    return GroupSpec.of(members, topics);
  }

  private static MemberTarget held(Random random, int topics) {
    MemberTarget held = MemberTarget.EMPTY;
    int count = random.nextInt(12);
    for (int i = 0; i < count; i++) {
      UUID topic = id(random.nextInt(topics + 1));
      held = held.plus(new MemberTarget(Map.of(topic, PartitionSet.of(random.nextInt(20)))));
    }
    return held;
  }

  private static List<TopicSpec> topics(Random random) {
    List<TopicSpec> topics = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int topic = 0; topic < count; topic++) {
      int partitions = random.nextInt(16);
      List<Set<String>> racks = new ArrayList<>();
      if (random.nextBoolean()) {
        for (int partition = 0; partition < partitions; partition++) {
          racks.add(Set.of(RACKS.get(random.nextInt(3)), "elsewhere"));
        }
      }
      topics.add(new TopicSpec(id(topic), partitions, racks));
    }
    return topics;
  }

  private static MemberSpec member(Random random, int i, Set<UUID> topics, MemberTarget held) {
    @Nullable String instance = random.nextInt(4) == 0 ? "instance-" + random.nextInt(9) + i : null;
    @Nullable String rack = random.nextInt(4) == 0 ? null : RACKS.get(random.nextInt(3));
    return new MemberSpec(
        "member-" + random.nextInt(1_000) + "-" + i, instance, rack, topics, held);
  }

  /** Every partition of a subscribed topic is given once, to a subscriber, and nothing else is. */
  static void assertComplete(GroupSpec group, Map<String, MemberTarget> targets, String message) {
    Set<String> given = new HashSet<>();
    for (MemberSpec member : group.members()) {
      MemberTarget target = target(targets, member.memberId());
      target
          .topics()
          .forEach((topic, partitions) -> {
            assertTrue(member.topics().contains(topic), message);
            partitions.stream()
                .forEach(partition -> assertTrue(given.add(topic + "-" + partition), message));
          });
    }
    Set<String> expected = new HashSet<>();
    for (MemberSpec member : group.members()) {
      for (UUID topic : member.topics()) {
        TopicSpec spec = group.topics().get(topic);
        int partitions = spec == null ? 0 : spec.partitions();
        PartitionSet.range(0, partitions).stream()
            .forEach(partition -> expected.add(topic + "-" + partition));
      }
    }
    assertEquals(expected, given, message);
    assertEquals(group.members().size(), targets.size(), message);
  }

  /** How many partitions stay with whoever has them. */
  static int kept(GroupSpec group, Map<String, MemberTarget> targets) {
    int kept = 0;
    for (MemberSpec member : group.members()) {
      kept += member.target().common(target(targets, member.memberId())).size();
    }
    return kept;
  }
}
