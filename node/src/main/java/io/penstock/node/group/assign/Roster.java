package io.penstock.node.group.assign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A group in numbers: a member is its place in {@link MemberOrder}, a topic its place in the order
 * of ids. Topics that nobody is subscribed to are left out, and so is what members have of topics
 * and partitions that they can have no longer. Nothing of it is changed once it is made.
 */
final class Roster {

  static final int NOBODY = -1;

  final List<MemberSpec> members;
  final List<TopicSpec> topics;

  /** Of each member, the topics it is subscribed to, ascending. */
  final int[][] topicsOf;

  /** Of each topic, who is subscribed to it, ascending. */
  final int[][] subscribersOf;

  /** Of each topic, and beside each of its subscribers, where it is in what that one is given. */
  final int[][] slotsOf;

  /** Of each topic and partition, which subscriber has it now, or nobody. */
  final int[][] holders;

  Roster(GroupSpec group) {
    members = MemberOrder.sorted(group.members());
    topics = subscribedTopics(group);
    Map<UUID, Integer> places = new HashMap<>();
    for (TopicSpec topic : topics) {
      places.put(topic.id(), places.size());
    }
    topicsOf = new int[members.size()][];
    for (int member = 0; member < topicsOf.length; member++) {
      topicsOf[member] =
          subscribesAsTheOneBefore(member)
              ? topicsOf[member - 1]
              : places(members.get(member), places);
    }
    subscribersOf = new int[topics.size()][];
    slotsOf = new int[topics.size()][];
    invertSubscriptions();
    holders = new int[topics.size()][];
    findHolders(places);
  }

  /** How many partitions there are to be had. */
  long partitions() {
    long partitions = 0;
    for (TopicSpec topic : topics) {
      partitions += topic.partitions();
    }
    return partitions;
  }

  /** Where this topic is among those of the member; negative if it is not subscribed to it. */
  int slot(int member, int topic) {
    return Arrays.binarySearch(topicsOf[member], topic);
  }

  /**
   * Whether the member can read the partition from a replica in its rack, or it is all the same.
   */
  boolean isNear(int member, int topic, int partition) {
    String rack = members.get(member).rack();
    TopicSpec spec = topics.get(topic);
    return rack == null || spec.racks().isEmpty() || spec.racks().get(partition).contains(rack);
  }

  /** Seen without a look at the topics where members share one set, as those of most groups do. */
  @SuppressWarnings("ReferenceEquality")
  private boolean subscribesAsTheOneBefore(int member) {
    return member > 0 && members.get(member).topics() == members.get(member - 1).topics();
  }

  private List<TopicSpec> subscribedTopics(GroupSpec group) {
    Map<UUID, TopicSpec> subscribed = new HashMap<>();
    for (int member = 0; member < members.size(); member++) {
      if (subscribesAsTheOneBefore(member)) {
        continue;
      }
      for (UUID id : members.get(member).topics()) {
        TopicSpec topic = group.topics().get(id);
        if (topic != null) {
          subscribed.put(id, topic);
        }
      }
    }
    List<TopicSpec> topics = new ArrayList<>(subscribed.values());
    topics.sort(Comparator.comparing(TopicSpec::id));
    return topics;
  }

  private static int[] places(MemberSpec member, Map<UUID, Integer> places) {
    int[] ascending = new int[member.topics().size()];
    int count = 0;
    for (UUID id : member.topics()) {
      Integer place = places.get(id);
      if (place != null) {
        ascending[count++] = place;
      }
    }
    int[] present = Arrays.copyOf(ascending, count);
    Arrays.sort(present);
    return present;
  }

  private void invertSubscriptions() {
    int[] sizes = new int[topics.size()];
    for (int[] each : topicsOf) {
      for (int topic : each) {
        sizes[topic]++;
      }
    }
    for (int topic = 0; topic < sizes.length; topic++) {
      subscribersOf[topic] = new int[sizes[topic]];
      slotsOf[topic] = new int[sizes[topic]];
    }
    int[] filled = new int[sizes.length];
    for (int member = 0; member < topicsOf.length; member++) {
      for (int slot = 0; slot < topicsOf[member].length; slot++) {
        int topic = topicsOf[member][slot];
        subscribersOf[topic][filled[topic]] = member;
        slotsOf[topic][filled[topic]++] = slot;
      }
    }
  }

  private void findHolders(Map<UUID, Integer> places) {
    for (int topic = 0; topic < holders.length; topic++) {
      holders[topic] = new int[topics.get(topic).partitions()];
      Arrays.fill(holders[topic], NOBODY);
    }
    for (int member = 0; member < topicsOf.length; member++) {
      for (Map.Entry<UUID, PartitionSet> held : members.get(member).target().topics().entrySet()) {
        Integer topic = places.get(held.getKey());
        if (topic != null && slot(member, topic) >= 0) {
          hold(member, holders[topic], held.getValue());
        }
      }
    }
  }

  private static void hold(int member, int[] holdersOfTopic, PartitionSet partitions) {
    for (int i = 0; i < partitions.size(); i++) {
      int partition = partitions.get(i);
      boolean exists = partition >= 0 && partition < holdersOfTopic.length;
      if (exists && holdersOfTopic[partition] == NOBODY) {
        holdersOfTopic[partition] = member;
      }
    }
  }
}
