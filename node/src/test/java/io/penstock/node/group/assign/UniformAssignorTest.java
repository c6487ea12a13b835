package io.penstock.node.group.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Groups made from seeds, and small ones whose division can be told by hand. */
final class UniformAssignorTest {
  private static final int SEEDS = 500;

  private final ServerAssignor assignor = new UniformAssignor();

  @Test
  void givesEachPartitionToOneSubscriberWhateverMembersHaveNow() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));

      Map<String, MemberTarget> targets = assignor.assign(group);

      Groups.assertComplete(group, targets, "seed " + seed);
    }
  }

  @Test
  void givesMembersWithTheSameSubscriptionTheSameNumberUpToOne() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.homogeneous(new Random(seed));

      Map<String, MemberTarget> targets = assignor.assign(group);

      Groups.assertComplete(group, targets, "seed " + seed);
      int[] sizes = targets.values().stream().mapToInt(MemberTarget::size).sorted().toArray();
      assertTrue(sizes[sizes.length - 1] - sizes[0] <= 1, "seed " + seed);
    }
  }

  @Test
  void leavesNoChainAlongWhichSharesCouldBecomeMoreEven() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));

      Map<String, MemberTarget> targets = assignor.assign(group);

      assertNoUnevenChain(group, targets, "seed " + seed);
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
  void movesOnlyWhatAJoiningMemberGets() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.homogeneous(new Random(seed));
      GroupSpec settled = Groups.after(group, assignor.assign(group));
      MemberSpec joining = Groups.member("joining", group.members().getFirst().topics());

      GroupSpec larger = Groups.plus(settled, joining);
      Map<String, MemberTarget> targets = assignor.assign(larger);

      int partitions = targets.values().stream().mapToInt(MemberTarget::size).sum();
      int moved = partitions - Groups.kept(larger, targets);
      assertEquals(Groups.target(targets, "joining").size(), moved, "seed " + seed);
      assertEquals(partitions / larger.members().size(), moved, "seed " + seed);
    }
  }

  @Test
  void movesOnlyWhatALeavingMemberHad() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.homogeneous(new Random(seed));
      GroupSpec settled = Groups.after(group, assignor.assign(group));
      if (settled.members().size() == 1) {
        continue;
      }
      MemberSpec leaving = settled.members().getLast();

      GroupSpec smaller = Groups.minus(settled, leaving.memberId());
      Map<String, MemberTarget> targets = assignor.assign(smaller);

      int partitions = targets.values().stream().mapToInt(MemberTarget::size).sum();
      int moved = partitions - Groups.kept(smaller, targets);
      assertEquals(leaving.target().size(), moved, "seed " + seed);
    }
  }

  @Test
  void keepsAsManyAsCanBeKeptWhereAllAreSubscribedToTheSame() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      GroupSpec group = Groups.homogeneous(random);
      Map<String, MemberTarget> uneven = new HashMap<>();
      for (TopicSpec topic : group.topics().values()) {
        for (int partition = 0; partition < topic.partitions(); partition++) {
          double skewed = random.nextDouble() * random.nextDouble();
          MemberSpec holder = group.members().get((int) (skewed * group.members().size()));
          MemberTarget one = new MemberTarget(Map.of(topic.id(), PartitionSet.of(partition)));
          uneven.merge(holder.memberId(), one, MemberTarget::plus);
        }
      }
      GroupSpec skewed = Groups.after(group, uneven);

      Map<String, MemberTarget> targets = assignor.assign(skewed);

      assertEquals(keptAtBest(skewed), Groups.kept(skewed, targets), "seed " + seed);
    }
  }

  @Test
  void givesAMemberThatJoinsSomeOfEveryTopic() {
    GroupSpec group =
        GroupSpec.of(
            List.of(Groups.member("a", ids(2)), Groups.member("b", ids(2))),
            List.of(Groups.topic(0, 10), Groups.topic(1, 10)));
    MemberTarget all =
        new MemberTarget(
            Map.of(
                Groups.id(0), PartitionSet.range(0, 10), Groups.id(1), PartitionSet.range(0, 10)));

    Map<String, MemberTarget> targets = assignor.assign(Groups.after(group, Map.of("a", all)));

    assertEquals(5, Groups.target(targets, "b").of(Groups.id(0)).size());
    assertEquals(5, Groups.target(targets, "b").of(Groups.id(1)).size());
  }

  @Test
  void passesPartitionsOnOverMembersInBetween() {
    GroupSpec group =
        GroupSpec.of(
            List.of(
                Groups.with(
                    Groups.member("a", List.of(Groups.id(0))),
                    new MemberTarget(Map.of(Groups.id(0), PartitionSet.range(0, 4)))),
                Groups.with(
                    Groups.member("b", List.of(Groups.id(0), Groups.id(1))),
                    new MemberTarget(Map.of(Groups.id(1), PartitionSet.range(0, 3)))),
                Groups.member("c", List.of(Groups.id(1)))),
            List.of(Groups.topic(0, 4), Groups.topic(1, 3)));

    Map<String, MemberTarget> targets = assignor.assign(group);

    int[] sizes = targets.values().stream().mapToInt(MemberTarget::size).sorted().toArray();
    assertEquals(List.of(2, 2, 3), Arrays.stream(sizes).boxed().toList());
  }

  @Test
  void givesPartitionsToMembersInTheirRacksWhereNumbersAllow() {
    List<Set<String>> racks = new ArrayList<>();
    for (int partition = 0; partition < 30; partition++) {
      racks.add(Set.of(Groups.RACKS.get(partition * 7 % 3)));
    }
    TopicSpec topic = new TopicSpec(Groups.id(0), 30, racks);
    List<MemberSpec> members = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      members.add(inRack("member-" + i, Groups.RACKS.get(i / 2), ids(1)));
    }

    Map<String, MemberTarget> targets = assignor.assign(GroupSpec.of(members, List.of(topic)));

    for (MemberSpec member : members) {
      PartitionSet mine = Groups.target(targets, member.memberId()).of(topic.id());
      assertEquals(5, mine.size());
      mine.stream().forEach(each -> assertEquals(Set.of(member.rack() + ""), racks.get(each)));
    }
  }

  @Test
  void looksForTheRackAlsoBetweenTopics() {
    TopicSpec first = new TopicSpec(Groups.id(0), 1, List.of(Set.of("b")));
    TopicSpec second = new TopicSpec(Groups.id(1), 1, List.of(Set.of("a")));
    List<MemberSpec> members = List.of(inRack("one", "a", ids(2)), inRack("two", "b", ids(2)));

    Map<String, MemberTarget> targets =
        assignor.assign(GroupSpec.of(members, List.of(first, second)));

    assertTrue(Groups.target(targets, "one").of(second.id()).contains(0));
    assertTrue(Groups.target(targets, "two").of(first.id()).contains(0));
  }

  @Test
  void keepsWhatIsNearWhereSomeMustGo() {
    TopicSpec topic =
        new TopicSpec(Groups.id(0), 4, List.of(Set.of("b"), Set.of("a"), Set.of("b"), Set.of("a")));
    MemberTarget all = new MemberTarget(Map.of(topic.id(), PartitionSet.range(0, 4)));
    List<MemberSpec> members =
        List.of(Groups.with(inRack("one", "a", ids(1)), all), inRack("two", null, ids(1)));

    Map<String, MemberTarget> targets = assignor.assign(GroupSpec.of(members, List.of(topic)));

    assertEquals(PartitionSet.of(1, 3), Groups.target(targets, "one").of(topic.id()));
    assertEquals(PartitionSet.of(0, 2), Groups.target(targets, "two").of(topic.id()));
  }

  @Test
  void givesEverythingAwayAlsoWhereItMayNotLookForLongHowEvenThatIs() {
    for (long seed = 0; seed < SEEDS; seed++) {
      GroupSpec group = Groups.arbitrary(new Random(seed));

      Map<String, MemberTarget> targets = new UniformAssignor(seed % 30).assign(group);

      Groups.assertComplete(group, targets, "seed " + seed);
    }
  }

  @Test
  void assignsGroupsOfAThousandMembers() {
    Random random = new Random(7);
    List<TopicSpec> topics = new ArrayList<>();
    for (int topic = 0; topic < 100; topic++) {
      topics.add(Groups.topic(topic, 100));
    }
    List<MemberSpec> members = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      List<UUID> mine =
          IntStream.range(0, 10).mapToObj(_ -> Groups.id(random.nextInt(100))).toList();
      members.add(Groups.member("member-" + i, new HashSet<>(mine)));
    }
    GroupSpec group = GroupSpec.of(members, topics);

    Map<String, MemberTarget> targets = assignor.assign(group);

    Groups.assertComplete(group, targets, "thousand");
    assertTrue(targets.values().stream().allMatch(target -> target.size() == 10));
  }

  @Test
  void hasNothingToGiveWithoutMembersOrTopics() {
    assertEquals(Map.of(), assignor.assign(GroupSpec.of(List.of(), List.of(Groups.topic(0, 3)))));
    assertEquals(
        Map.of("a", MemberTarget.EMPTY),
        assignor.assign(GroupSpec.of(List.of(Groups.member("a", ids(1))), List.of())));
  }

  private static List<UUID> ids(int topics) {
    return IntStream.range(0, topics).mapToObj(Groups::id).toList();
  }

  private static MemberSpec inRack(String name, @Nullable String rack, List<UUID> topics) {
    return new MemberSpec(name, null, rack, Set.copyOf(topics), MemberTarget.EMPTY);
  }

  /** What members have, but for what is above the shares that are as even as can be. */
  private static int keptAtBest(GroupSpec group) {
    int partitions = group.topics().values().stream().mapToInt(TopicSpec::partitions).sum();
    int each = partitions / group.members().size();
    int withOneMore = partitions % group.members().size();
    int kept = 0;
    for (MemberSpec member : group.members()) {
      int size = member.target().size();
      if (size > each && withOneMore > 0) {
        withOneMore--;
        kept++;
      }
      kept += Math.min(size, each);
    }
    return kept;
  }

  /** Finds out by brute force who could pass on to whom, over anybody. */
  private static void assertNoUnevenChain(
      GroupSpec group, Map<String, MemberTarget> targets, String message) {
    int members = group.members().size();
    boolean[][] reaches = new boolean[members][members];
    for (int from = 0; from < members; from++) {
      MemberTarget target = Groups.target(targets, group.members().get(from).memberId());
      for (int to = 0; to < members; to++) {
        Set<UUID> topics = group.members().get(to).topics();
        reaches[from][to] = target.topics().keySet().stream().anyMatch(topics::contains);
      }
    }
    for (int over = 0; over < members; over++) {
      for (int from = 0; from < members; from++) {
        for (int to = 0; to < members; to++) {
          reaches[from][to] |= reaches[from][over] && reaches[over][to];
        }
      }
    }
    for (int from = 0; from < members; from++) {
      int most = Groups.target(targets, group.members().get(from).memberId()).size();
      for (int to = 0; to < members; to++) {
        int least = Groups.target(targets, group.members().get(to).memberId()).size();
        assertTrue(!reaches[from][to] || most - least <= 1, message);
      }
    }
  }
}
