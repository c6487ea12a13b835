package io.penstock.node.group.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Groups made from seeds, and small ones whose runs can be told by hand. */
final class RangeAssignorTest {
  private static final int SEEDS = 500;
  private static final UUID ORDERS = Groups.id(0);
  private static final UUID PAYMENTS = Groups.id(1);

  private final ServerAssignor assignor = new RangeAssignor();

  @Test
  void givesEachPartitionToOneSubscriberWhateverMembersHaveNow() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));

      Map<String, MemberTarget> targets = assignor.assign(group);

      Groups.assertComplete(group, targets, "seed " + seed);
    }
  }

  @Test
  void cutsEachTopicIntoRunsThatDifferByOneAtMost() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));

      Map<String, MemberTarget> targets = assignor.assign(group);

      for (TopicSpec topic : group.topics().values()) {
        List<PartitionSet> runs =
            group.members().stream()
                .filter(member -> member.topics().contains(topic.id()))
                .map(member -> Groups.target(targets, member.memberId()).of(topic.id()))
                .toList();
        int most = runs.stream().mapToInt(PartitionSet::size).max().orElse(0);
        int least = runs.stream().mapToInt(PartitionSet::size).min().orElse(0);
        assertTrue(most - least <= 1, "seed " + seed);
        for (PartitionSet run : runs) {
          int first = run.isEmpty() ? 0 : run.get(0);
          assertEquals(PartitionSet.range(first, first + run.size()), run, "seed " + seed);
        }
      }
    }
  }

  @Test
  void givesTheSamePartitionsOfTopicsThatAreAsLargeAndHaveTheSameSubscribers() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));
      TopicSpec topic = group.topics().get(ORDERS);
      assertNotNull(topic);
      TopicSpec twin = Groups.topic(77, topic.partitions());
      GroupSpec withTwin =
          GroupSpec.of(
              group.members().stream().map(member -> plusTwin(member, twin.id())).toList(),
              List.of(topic, twin));

      Map<String, MemberTarget> targets = assignor.assign(withTwin);

      for (MemberTarget target : targets.values()) {
        assertEquals(target.of(ORDERS), target.of(twin.id()), "seed " + seed);
      }
    }
  }

  @Test
  void doesNotDependOnTheOrderOfMembers() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      GroupSpec group = Groups.arbitrary(random);

      assertEquals(
          assignor.assign(group), assignor.assign(Groups.shuffled(group, random)), "seed " + seed);
    }
  }

  @Test
  void changesNothingOfWhatItHasDecided() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));
      Map<String, MemberTarget> targets = assignor.assign(group);

      Map<String, MemberTarget> again = assignor.assign(Groups.after(group, targets));

      assertEquals(targets, again, "seed " + seed);
    }
  }

  @Test
  void servesStaticMembersInTheOrderOfTheirInstanceIds() {
    List<MemberSpec> members =
        List.of(fixed("x", "instance-3"), fixed("y", "instance-1"), fixed("z", "instance-2"));
    GroupSpec group = GroupSpec.of(members, List.of(Groups.topic(0, 6)));

    Map<String, MemberTarget> targets = assignor.assign(group);

    assertEquals(PartitionSet.of(0, 1), Groups.target(targets, "y").of(ORDERS));
    assertEquals(PartitionSet.of(2, 3), Groups.target(targets, "z").of(ORDERS));
    assertEquals(PartitionSet.of(4, 5), Groups.target(targets, "x").of(ORDERS));
  }

  @Test
  void givesAStaticMemberThatComesBackUnderAnotherIdWhatItHad() {
    GroupSpec before =
        GroupSpec.of(
            List.of(fixed("x", "instance-1"), fixed("y", "instance-2")),
            List.of(Groups.topic(0, 5)));
    GroupSpec settled = Groups.after(before, assignor.assign(before));

    Map<String, MemberTarget> targets =
        assignor.assign(Groups.plus(Groups.minus(settled, "x"), fixed("zz", "instance-1")));

    assertEquals(PartitionSet.of(0, 1, 2), Groups.target(targets, "zz").of(ORDERS));
  }

  @Test
  void keepsTheOrderInWhichDynamicMembersHavePartitions() {
    GroupSpec before =
        GroupSpec.of(
            List.of(
                holding("c", PartitionSet.range(0, 3)),
                holding("a", PartitionSet.range(3, 6)),
                holding("b", PartitionSet.range(6, 9))),
            List.of(Groups.topic(0, 9)));

    Map<String, MemberTarget> joined =
        assignor.assign(Groups.plus(before, Groups.member("0", List.of(ORDERS))));
    Map<String, MemberTarget> left = assignor.assign(Groups.minus(before, "a"));

    assertEquals(PartitionSet.range(0, 3), Groups.target(joined, "c").of(ORDERS));
    assertEquals(PartitionSet.range(3, 5), Groups.target(joined, "a").of(ORDERS));
    assertEquals(PartitionSet.range(5, 7), Groups.target(joined, "b").of(ORDERS));
    assertEquals(PartitionSet.range(7, 9), Groups.target(joined, "0").of(ORDERS));
    assertEquals(PartitionSet.range(0, 5), Groups.target(left, "c").of(ORDERS));
    assertEquals(PartitionSet.range(5, 9), Groups.target(left, "b").of(ORDERS));
  }

  @Test
  void cutsATopicOnlyAmongItsOwnSubscribers() {
    GroupSpec group =
        GroupSpec.of(
            List.of(
                Groups.member("a", List.of(ORDERS)),
                Groups.member("b", List.of(ORDERS, PAYMENTS)),
                Groups.member("c", List.of(PAYMENTS))),
            List.of(Groups.topic(0, 2), Groups.topic(1, 3)));

    Map<String, MemberTarget> targets = assignor.assign(group);

    assertEquals(Map.of(ORDERS, PartitionSet.of(0)), Groups.target(targets, "a").topics());
    assertEquals(
        Map.of(ORDERS, PartitionSet.of(1), PAYMENTS, PartitionSet.of(0, 1)),
        Groups.target(targets, "b").topics());
    assertEquals(Map.of(PAYMENTS, PartitionSet.of(2)), Groups.target(targets, "c").topics());
  }

  private static MemberSpec fixed(String name, String instance) {
    return new MemberSpec(name, instance, null, Set.of(ORDERS), MemberTarget.EMPTY);
  }

  private static MemberSpec holding(String name, PartitionSet partitions) {
    return Groups.with(
        Groups.member(name, List.of(ORDERS)), new MemberTarget(Map.of(ORDERS, partitions)));
  }

  private static MemberSpec plusTwin(MemberSpec member, UUID twin) {
    Set<UUID> topics = member.topics().contains(ORDERS) ? Set.of(ORDERS, twin) : Set.of();
    return new MemberSpec(
        member.memberId(), member.instanceId(), member.rack(), topics, member.target());
  }
}
