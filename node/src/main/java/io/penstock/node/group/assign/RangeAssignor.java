package io.penstock.node.group.assign;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Cuts each topic into as many runs of partitions as it has subscribers, which differ by one at
 * most: topics that have the same subscribers are cut in the same order of members, so that who has
 * a partition of one has that of the others too if they are as large. Static members come in the
 * order of their instance ids, hence have the same partitions whenever they are the same ones;
 * dynamic members after them in the order in which they have partitions now, new ones last, so that
 * the runs move little. Stateless.
 */
public final class RangeAssignor implements ServerAssignor {

  @Override
  public String name() {
    return "range";
  }

  @Override
  public Map<String, MemberTarget> assign(GroupSpec group) {
    Roster roster = new Roster(group);
    List<Map<UUID, PartitionSet>> partitions = new ArrayList<>();
    roster.members.forEach(_ -> partitions.add(new HashMap<>()));
    for (List<Integer> topics : topicsBySubscribers(roster)) {
      List<Integer> order = order(roster, topics);
      topics.forEach(topic -> cut(roster.topics.get(topic), order, partitions));
    }
    Map<String, MemberTarget> targets = new HashMap<>();
    for (int member = 0; member < partitions.size(); member++) {
      targets.put(roster.members.get(member).memberId(), new MemberTarget(partitions.get(member)));
    }
    return targets;
  }

  private static void cut(
      TopicSpec topic, List<Integer> order, List<Map<UUID, PartitionSet>> partitions) {
    int each = topic.partitions() / order.size();
    int withOneMore = topic.partitions() % order.size();
    int from = 0;
    for (int place = 0; from < topic.partitions(); place++) {
      int to = from + each + (place < withOneMore ? 1 : 0);
      partitions.get(order.get(place)).put(topic.id(), PartitionSet.range(from, to));
      from = to;
    }
  }

  /** Topics that have the same subscribers, together. */
  private static Iterable<List<Integer>> topicsBySubscribers(Roster roster) {
    Map<IntBuffer, List<Integer>> topics = new LinkedHashMap<>(); // a buffer is equal by content
    for (int topic = 0; topic < roster.topics.size(); topic++) {
      topics
          .computeIfAbsent(IntBuffer.wrap(roster.subscribersOf[topic]), _ -> new ArrayList<>())
          .add(topic);
    }
    return topics.values();
  }

  /** The order of members that all of these topics, which have the same subscribers, are cut in. */
  private static List<Integer> order(Roster roster, List<Integer> topics) {
    double[] positions = positions(roster, topics);
    List<Integer> order = new ArrayList<>();
    for (int member : roster.subscribersOf[topics.getFirst()]) {
      boolean isStatic = roster.members.get(member).instanceId() != null;
      positions[member] = isStatic ? -1 : positions[member];
      order.add(member);
    }
    order.sort(Comparator.comparingDouble(member -> positions[member]));
    return order;
  }

  /**
   * How far into a topic each member has its first partition, as a fraction of the topic. Of the
   * largest one where it has any: there are members for which a smaller one was not enough.
   */
  private static double[] positions(Roster roster, List<Integer> topics) {
    double[] positions = new double[roster.members.size()];
    Arrays.fill(positions, Double.MAX_VALUE);
    List<Integer> largestFirst = new ArrayList<>(topics);
    largestFirst.sort(Comparator.comparingInt(topic -> -roster.holders[topic].length));
    for (int topic : largestFirst) {
      int[] holders = roster.holders[topic];
      double[] here = positions.clone();
      for (int partition = holders.length - 1; partition >= 0; partition--) {
        int holder = holders[partition];
        if (holder != Roster.NOBODY && positions[holder] == Double.MAX_VALUE) {
          here[holder] = (double) partition / holders.length;
        }
      }
      positions = here;
    }
    return positions;
  }
}
