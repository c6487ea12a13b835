package io.penstock.node.group.assign;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * How many partitions of each topic each member is to have: which ones is decided later. It begins
 * with what members have now; {@link #fill} gives what nobody has to whoever has least, and {@link
 * #shed} takes from whoever has much, for it to be filled in again: what nobody else can have goes
 * back to where it was. Used by one thread.
 */
final class Shares {

  /** Low bits of a rank say who has it; above them are what is compared. */
  private static final int PLACE_BITS = 30;

  private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;

  private final Roster roster;

  /** Of each member, beside each of its topics. */
  final int[][] counts;

  /** Of each member, how many partitions it is to have in all. */
  final int[] loads;

  /** Of each topic, how many partitions nobody is to have yet. */
  private final int[] spare;

  /** What the counts were in the beginning. */
  private final int[][] held;

  Shares(Roster roster) {
    this.roster = roster;
    counts = new int[roster.members.size()][];
    for (int member = 0; member < counts.length; member++) {
      counts[member] = new int[roster.topicsOf[member].length];
    }
    loads = new int[counts.length];
    spare = new int[roster.topics.size()];
    countHeld();
    held = new int[counts.length][];
    for (int member = 0; member < held.length; member++) {
      held[member] = counts[member].clone();
    }
  }

  private void countHeld() {
    for (int topic = 0; topic < spare.length; topic++) {
      for (int holder : roster.holders[topic]) {
        if (holder == Roster.NOBODY) {
          spare[topic]++;
          continue;
        }
        counts[holder][roster.slot(holder, topic)]++;
        loads[holder]++;
      }
    }
  }

  /**
   * Takes from members what they have above the average, as far as others have less than that, of
   * topics that one of these could have it of. There it takes of the topic that a member has most
   * of: so a member that joins gets some of every topic.
   */
  void shed() {
    long sharing = Arrays.stream(roster.topicsOf).filter(topics -> topics.length > 0).count();
    if (sharing == 0) {
      return;
    }
    long average = (roster.partitions() + sharing - 1) / sharing;
    long room = 0;
    for (int member = 0; member < loads.length; member++) {
      if (roster.topicsOf[member].length > 0) {
        room += Math.max(0, average - loads[member]);
      }
    }
    boolean[] wanted = wanted(average);
    for (int member = 0; member < loads.length && room > 0; member++) {
      long excess = Math.min(room, loads[member] - average);
      if (excess > 0) {
        room -= shed(member, (int) excess, wanted);
      }
    }
  }

  /** Of each topic, whether a subscriber has less than that. */
  private boolean[] wanted(long average) {
    boolean[] wanted = new boolean[spare.length];
    for (int topic = 0; topic < wanted.length; topic++) {
      for (int subscriber : roster.subscribersOf[topic]) {
        wanted[topic] |= loads[subscriber] < average;
      }
    }
    return wanted;
  }

  private int shed(int member, int excess, boolean[] wanted) {
    int[] mine = counts[member];
    int[] topics = roster.topicsOf[member];
    PriorityQueue<Integer> most =
        new PriorityQueue<>(
            Comparator.<Integer>comparingInt(slot -> -mine[slot]).thenComparing(slot -> slot));
    for (int slot = 0; slot < topics.length; slot++) {
      if (mine[slot] > 0 && wanted[topics[slot]]) {
        most.add(slot);
      }
    }
    int shed = 0;
    while (shed < excess && !most.isEmpty()) {
      int slot = most.remove();
      mine[slot]--;
      loads[member]--;
      spare[topics[slot]]++;
      shed++;
      if (mine[slot] > 0) {
        most.add(slot);
      }
    }
    return shed;
  }

  /** Gives away all that nobody has, first of the topics that fewest are subscribed to. */
  void fill() {
    IntStream.range(0, spare.length)
        .boxed()
        .sorted(Comparator.comparingInt(topic -> roster.subscribersOf[topic].length))
        .forEachOrdered(this::fill);
  }

  private void fill(int topic) {
    if (spare[topic] == 0) {
      return;
    }
    Map<String, Integer> room = roomInRacks(topic);
    PriorityQueue<Long> first = new PriorityQueue<>();
    for (int place = 0; place < roster.subscribersOf[topic].length; place++) {
      first.add(rank(topic, place, room));
    }
    while (spare[topic] > 0) {
      long rank = first.remove();
      int place = (int) (rank & PLACE_MASK);
      long rankNow = rank(topic, place, room);
      if (rankNow == rank) {
        give(topic, place, room);
        rankNow = rank(topic, place, room);
      }
      first.add(rankNow); // a rank only gets worse, so what comes first with its own rank is first
    }
  }

  private void give(int topic, int place, Map<String, Integer> room) {
    int member = roster.subscribersOf[topic][place];
    counts[member][roster.slotsOf[topic][place]]++;
    loads[member]++;
    spare[topic]--;
    String rack = roster.members.get(member).rack();
    if (rack != null) {
      room.computeIfPresent(rack, (_, left) -> left - 1);
    }
  }

  /** Less is more: who has least, then who had it before, then who is near, then the order. */
  private long rank(int topic, int place, Map<String, Integer> room) {
    int member = roster.subscribersOf[topic][place];
    int slot = roster.slotsOf[topic][place];
    long rank = (long) loads[member] << (PLACE_BITS + 2);
    if (counts[member][slot] >= held[member][slot]) {
      rank |= 2L << PLACE_BITS;
    }
    String rack = roster.members.get(member).rack();
    if (rack != null && !room.isEmpty() && room.getOrDefault(rack, 0) <= 0) {
      rank |= 1L << PLACE_BITS;
    }
    return rank | place;
  }

  /** How many more partitions of a topic members of each rack could read near them. */
  private Map<String, Integer> roomInRacks(int topic) {
    Map<String, Integer> room = new HashMap<>();
    roster
        .topics
        .get(topic)
        .racks()
        .forEach(racks -> racks.forEach(rack -> room.merge(rack, 1, Integer::sum)));
    if (room.isEmpty()) {
      return room;
    }
    for (int place = 0; place < roster.subscribersOf[topic].length; place++) {
      int member = roster.subscribersOf[topic][place];
      int count = counts[member][roster.slotsOf[topic][place]];
      String rack = roster.members.get(member).rack();
      if (rack != null) {
        room.computeIfPresent(rack, (_, left) -> left - count);
      }
    }
    return room;
  }
}
