package io.penstock.replication.leadership;

import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the replicas of new partitions of one topic go. In this order: to brokers that are there,
 * to racks that the partition is not in yet, to brokers that have least of this topic, that have
 * least of all topics, and in turn. So a topic's load is spread even where one broker is new and
 * empty, and many small topics balance as one large one does. Lives for one placement.
 */
final class ReplicaPlacement {

  private static final int ABSENT = 1 << 30;

  private final int[] ids;
  private final int[] racks;
  private final boolean[] absent;

  /** By leader and follower: how often the one would take over from the other. */
  private final Map<Integer, int[]> successors = new HashMap<>();

  private final Load leaders;
  private final Load replicas;
  private final Map<NodeIds, NodeIds> shared = new HashMap<>();
  private int turn;

  /** What each broker has: of the topic, and of all topics. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Load(int[] ofTopic, int[] ofAll) {
    static Load none(int brokers) {
      return new Load(new int[brokers], new int[brokers]);
    }

    void add(int broker) {
      ofTopic[broker]++;
      ofAll[broker]++;
    }
  }

  /**
   * @param brokers those that may be used, by id; those that cannot lead only where too few can
   * @param loads what they hold already
   * @param start where in the ring of brokers to begin
   */
  ReplicaPlacement(List<BrokerImage> brokers, BrokerLoads loads, int start) {
    int count = brokers.size();
    this.ids = new int[count];
    this.racks = new int[count];
    this.absent = new boolean[count];
    this.leaders = Load.none(count);
    this.replicas = Load.none(count);
    this.turn = start;
    SortedMap<String, Integer> rackNumbers = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      BrokerImage broker = brokers.get(i);
      ids[i] = broker.id();
      absent[i] = !broker.canLead();
      String rack = broker.rack();
      racks[i] = rackNumbers.computeIfAbsent(rack == null ? "" : rack, _ -> rackNumbers.size());
      leaders.ofAll[i] = loads.preferredOn(broker.id());
      replicas.ofAll[i] = loads.replicasOn(broker.id());
    }
  }

  /** Takes account of a partition that the topic has already. */
  void count(NodeIds partition) {
    for (int slot = 0; slot < partition.size(); slot++) {
      int broker = Arrays.binarySearch(ids, partition.get(slot));
      if (broker >= 0) {
        replicas.ofTopic[broker]++;
        leaders.ofTopic[broker] += slot == 0 ? 1 : 0;
      }
    }
  }

  List<NodeIds> place(int partitions, int factor) {
    if (factor > ids.length) {
      throw new IllegalArgumentException(factor + " replicas on " + ids.length + " brokers");
    }
    List<NodeIds> placed = new ArrayList<>(partitions);
    for (int i = 0; i < partitions; i++) {
      NodeIds partition = placeOne(factor);
      NodeIds same = shared.putIfAbsent(partition, partition);
      placed.add(same == null ? partition : same);
      turn = turn == Integer.MAX_VALUE - 1 ? 0 : turn + 1;
    }
    return placed;
  }

  private NodeIds placeOne(int factor) {
    int count = ids.length;
    boolean[] used = new boolean[count];
    int[] inRack = new int[count];
    int[] nodes = new int[factor];
    // Followers of one leader move on with each round, or the same pairs would share all load.
    int round = turn / count;
    int others = Math.max(1, count - 1);
    for (int slot = 0; slot < factor; slot++) {
      int first =
          slot == 0 ? turn % count : (turn % count + 1 + (slot - 1 + round) % others) % count;
      int chosen = next(first, used, inRack, slot == 0 ? leaders : replicas);
      used[chosen] = true;
      inRack[racks[chosen]]++;
      replicas.add(chosen);
      if (slot == 0) {
        leaders.add(chosen);
      }
      nodes[slot] = chosen;
    }
    chooseSuccessor(nodes);
    for (int slot = 0; slot < factor; slot++) {
      nodes[slot] = ids[nodes[slot]];
    }
    return NodeIds.of(nodes);
  }

  /** Puts that follower first which would take over least from this leader so far. */
  private void chooseSuccessor(int[] nodes) {
    if (nodes.length < 2) {
      return;
    }
    int[] taken = successors.computeIfAbsent(nodes[0], _ -> new int[ids.length]);
    int best = 1;
    for (int slot = 2; slot < nodes.length; slot++) {
      best = !absent[nodes[slot]] && taken[nodes[slot]] < taken[nodes[best]] ? slot : best;
    }
    int successor = nodes[best];
    System.arraycopy(nodes, 1, nodes, 2, best - 1);
    nodes[1] = successor;
    taken[successor]++;
  }

  private int next(int first, boolean[] used, int[] inRack, Load load) {
    int best = -1;
    for (int i = 0; i < ids.length; i++) {
      int candidate = first + i < ids.length ? first + i : first + i - ids.length;
      if (!used[candidate] && (best < 0 || isBetter(candidate, best, inRack, load))) {
        best = candidate;
      }
    }
    return best;
  }

  private boolean isBetter(int candidate, int best, int[] inRack, Load load) {
    int order = penalty(candidate, inRack) - penalty(best, inRack);
    order = order != 0 ? order : load.ofTopic[candidate] - load.ofTopic[best];
    return (order != 0 ? order : load.ofAll[candidate] - load.ofAll[best]) < 0;
  }

  private int penalty(int broker, int[] inRack) {
    return inRack[racks[broker]] + (absent[broker] ? ABSENT : 0);
  }
}
