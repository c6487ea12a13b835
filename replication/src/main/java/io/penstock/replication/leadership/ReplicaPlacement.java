package io.penstock.replication.leadership;

import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the replicas of new partitions go: over as many racks as there are, with leaders and
 * replicas spread evenly over the brokers. Starts where the last placement ended, so that many
 * small topics spread as one large topic does. Lives for one placement.
 */
final class ReplicaPlacement {

  private final int[] ids;
  private final int[] racks;
  private final int[] leaders;
  private final int[] replicas;

  private ReplicaPlacement(List<BrokerImage> brokers) {
    int count = brokers.size();
    this.ids = new int[count];
    this.racks = new int[count];
    this.leaders = new int[count];
    this.replicas = new int[count];
    SortedMap<String, Integer> rackNumbers = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      ids[i] = brokers.get(i).id();
      String rack = brokers.get(i).rack();
      racks[i] = rackNumbers.computeIfAbsent(rack == null ? "" : rack, _ -> rackNumbers.size());
    }
  }

  /**
   * @param brokers those that may be used, by id; at least as many as the replication factor
   * @param start where in the ring of brokers to begin
   */
  static List<NodeIds> place(List<BrokerImage> brokers, int partitions, int factor, int start) {
    if (factor > brokers.size()) {
      throw new IllegalArgumentException(factor + " replicas on " + brokers.size() + " brokers");
    }
    ReplicaPlacement placement = new ReplicaPlacement(brokers);
    List<NodeIds> placed = new ArrayList<>(partitions);
    for (int i = 0; i < partitions; i++) {
      placed.add(placement.placeOne(factor, Math.floorMod(start + i, Integer.MAX_VALUE)));
    }
    return placed;
  }

  private NodeIds placeOne(int factor, int turn) {
    int count = ids.length;
    int[] chosen = new int[factor];
    boolean[] used = new boolean[count];
    int[] inRack = new int[count];
    int[] nodes = new int[factor];
    // Followers of one leader move on with each round, or the same pairs would share all load.
    int round = turn / count;
    for (int slot = 0; slot < factor; slot++) {
      int first = slot == 0 ? turn % count : Math.floorMod(turn + slot + round, count);
      chosen[slot] =
          slot == 0 ? next(first, used, inRack, leaders) : next(first, used, inRack, replicas);
      used[chosen[slot]] = true;
      inRack[racks[chosen[slot]]]++;
      replicas[chosen[slot]]++;
      nodes[slot] = ids[chosen[slot]];
    }
    leaders[chosen[0]]++;
    return NodeIds.of(nodes);
  }

  /** In the racks least used by this partition the broker with the least load, from first on. */
  private int next(int first, boolean[] used, int[] inRack, int[] load) {
    int best = -1;
    for (int i = 0; i < ids.length; i++) {
      int candidate = (first + i) % ids.length;
      if (used[candidate]) {
        continue;
      }
      if (best < 0
          || inRack[racks[candidate]] < inRack[racks[best]]
          || (inRack[racks[candidate]] == inRack[racks[best]] && load[candidate] < load[best])) {
        best = candidate;
      }
    }
    return best;
  }
}
