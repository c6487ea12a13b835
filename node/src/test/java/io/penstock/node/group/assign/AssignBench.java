package io.penstock.node.group.assign;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * How long assignors take where groups are large: for everybody to get something, and for one more
 * member to. Run by hand; prints milliseconds, the best of some rounds.
 */
final class AssignBench {
  private static final int ROUNDS = 10;
  private static final int TOPICS = 100;
  private static final int PARTITIONS = 100;

  private AssignBench() {}

  public static void main(String[] args) {
    for (ServerAssignor assignor : List.of(new UniformAssignor(), new RangeAssignor())) {
      for (int members : new int[] {10, 100, 1_000}) {
        measure(assignor, "all topics", group(members, TOPICS));
        measure(assignor, "ten topics each", group(members, 10));
      }
    }
  }

  private static GroupSpec group(int size, int topicsEach) {
    Random random = new Random(1);
    List<TopicSpec> topics = new ArrayList<>();
    Set<UUID> ids = new HashSet<>();
    for (int topic = 0; topic < TOPICS; topic++) {
      topics.add(Groups.topic(topic, PARTITIONS));
      ids.add(Groups.id(topic));
    }
    Set<UUID> all = Set.copyOf(ids);
    List<MemberSpec> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Set<UUID> some = new HashSet<>();
      while (topicsEach < TOPICS && some.size() < topicsEach) {
        some.add(Groups.id(random.nextInt(TOPICS)));
      }
      members.add(Groups.member("member-" + i, some.isEmpty() ? all : some));
    }
    return GroupSpec.of(members, topics);
  }

  private static void measure(ServerAssignor assignor, String name, GroupSpec group) {
    Map<String, MemberTarget> targets = assignor.assign(group);
    GroupSpec larger =
        Groups.plus(
            Groups.after(group, targets),
            Groups.member("one more", group.members().getFirst().topics()));
    System.out.printf(
        Locale.ROOT,
        "%s, %d members, %s: all anew %.1f ms, one more %.1f ms%n",
        assignor.name(),
        group.members().size(),
        name,
        bestMs(assignor, group),
        bestMs(assignor, larger));
  }

  private static double bestMs(ServerAssignor assignor, GroupSpec group) {
    long bestNs = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long startNs = System.nanoTime();
      Map<String, MemberTarget> targets = assignor.assign(group);
      long tookNs = System.nanoTime() - startNs;
      if (targets.size() == group.members().size()) {
        bestNs = Math.min(bestNs, tookNs);
      }
    }
    return bestNs / (double) TimeUnit.MILLISECONDS.toNanos(1);
  }
}
