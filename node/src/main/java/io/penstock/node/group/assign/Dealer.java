package io.penstock.node.group.assign;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Says which partitions make up the shares of a topic: each member keeps as many of its own as its
 * share has room for, rather those near it, and the others go to members near them where there is
 * room, in ascending order. Used by one thread.
 */
final class Dealer {

  private final Roster roster;
  private final Shares shares;

  /** Of each member, how many partitions of the topic at hand it is still to get. */
  private final int[] wanted;

  private Dealer(Roster roster, Shares shares) {
    this.roster = roster;
    this.shares = shares;
    wanted = new int[roster.members.size()];
  }

  static Map<String, MemberTarget> deal(Roster roster, Shares shares) {
    return new Dealer(roster, shares).deal();
  }

  private Map<String, MemberTarget> deal() {
    List<Map<UUID, PartitionSet>> partitions = new ArrayList<>();
    for (int member = 0; member < wanted.length; member++) {
      partitions.add(new HashMap<>());
    }
    for (int topic = 0; topic < roster.topics.size(); topic++) {
      collect(topic, deal(topic), partitions);
    }
    Map<String, MemberTarget> targets = new HashMap<>();
    for (int member = 0; member < wanted.length; member++) {
      targets.put(roster.members.get(member).memberId(), new MemberTarget(partitions.get(member)));
    }
    return targets;
  }

  private int[] deal(int topic) {
    int[] subscribers = roster.subscribersOf[topic];
    for (int place = 0; place < subscribers.length; place++) {
      int member = subscribers[place];
      wanted[member] = shares.counts[member][roster.slotsOf[topic][place]];
    }
    int[] owners = new int[roster.holders[topic].length];
    Arrays.fill(owners, Roster.NOBODY);
    keep(topic, owners, true);
    keep(topic, owners, false);
    if (!roster.topics.get(topic).racks().isEmpty()) {
      giveNear(topic, owners);
    }
    giveRest(subscribers, owners);
    return owners;
  }

  private void keep(int topic, int[] owners, boolean onlyNear) {
    for (int partition = 0; partition < owners.length; partition++) {
      int holder = roster.holders[topic][partition];
      if (owners[partition] == Roster.NOBODY
          && holder != Roster.NOBODY
          && wanted[holder] > 0
          && (!onlyNear || roster.isNear(holder, topic, partition))) {
        own(holder, partition, owners);
      }
    }
  }

  /** Members of a rack take turns. */
  private void giveNear(int topic, int[] owners) {
    Map<String, Deque<Integer>> wanting = new HashMap<>();
    for (int member : roster.subscribersOf[topic]) {
      String rack = roster.members.get(member).rack();
      if (rack != null && wanted[member] > 0) {
        wanting.computeIfAbsent(rack, _ -> new ArrayDeque<>()).add(member);
      }
    }
    for (int partition = 0; partition < owners.length; partition++) {
      if (owners[partition] == Roster.NOBODY) {
        giveNear(topic, partition, owners, wanting);
      }
    }
  }

  private void giveNear(
      int topic, int partition, int[] owners, Map<String, Deque<Integer>> wanting) {
    Deque<Integer> neediest = null;
    for (String rack : roster.topics.get(topic).racks().get(partition)) {
      Deque<Integer> queue = wanting.get(rack);
      if (queue != null
          && !queue.isEmpty()
          && (neediest == null || isNeedier(queue.element(), neediest.element()))) {
        neediest = queue;
      }
    }
    if (neediest == null) {
      return;
    }
    int member = neediest.remove();
    own(member, partition, owners);
    if (wanted[member] > 0) {
      neediest.add(member);
    }
  }

  /** Racks are a set, which has no order: who is needier must not depend on one. */
  private boolean isNeedier(int member, int other) {
    return wanted[member] > wanted[other] || (wanted[member] == wanted[other] && member < other);
  }

  private void giveRest(int[] subscribers, int[] owners) {
    int place = 0;
    for (int partition = 0; partition < owners.length; partition++) {
      if (owners[partition] != Roster.NOBODY) {
        continue;
      }
      while (wanted[subscribers[place]] == 0) {
        place++;
      }
      own(subscribers[place], partition, owners);
    }
  }

  private void own(int member, int partition, int[] owners) {
    owners[partition] = member;
    wanted[member]--;
  }

  private void collect(int topic, int[] owners, List<Map<UUID, PartitionSet>> partitions) {
    int[] subscribers = roster.subscribersOf[topic];
    int[] counts = new int[wanted.length];
    for (int owner : owners) {
      counts[owner]++;
    }
    int[][] owned = new int[wanted.length][];
    for (int member : subscribers) {
      owned[member] = new int[counts[member]];
      counts[member] = 0;
    }
    for (int partition = 0; partition < owners.length; partition++) {
      int owner = owners[partition];
      owned[owner][counts[owner]++] = partition;
    }
    UUID id = roster.topics.get(topic).id();
    for (int member : subscribers) {
      if (owned[member].length > 0) {
        partitions.get(member).put(id, PartitionSet.of(owned[member]));
      }
    }
  }
}
