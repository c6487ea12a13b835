package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Balance over brokers and racks. */
class ReplicaPlacementTest {

  @Test
  void spreadsLeadersAndReplicasEvenlyOverBrokers() {
    for (int count : List.of(1, 2, 3, 5, 7, 12)) {
      for (int factor = 1; factor <= Math.min(3, count); factor++) {
        int partitions = count * 12;
        List<NodeIds> placed = ReplicaPlacement.place(brokers(count, 1), partitions, factor, 5);
        Map<Integer, Integer> leaders = new TreeMap<>();
        Map<Integer, Integer> replicas = new TreeMap<>();
        for (NodeIds partition : placed) {
          assertFalse(partition.hasDuplicates());
          leaders.merge(partition.get(0), 1, Integer::sum);
          partition.toList().forEach(id -> replicas.merge(id, 1, Integer::sum));
        }
        String which = count + " brokers, factor " + factor + ": " + leaders + " " + replicas;
        assertEquals(Set.of(12), new HashSet<>(leaders.values()), which);
        for (int held : replicas.values()) {
          assertTrue(Math.abs(held - 12 * factor) <= 2, which);
        }
      }
    }
  }

  @Test
  void putsTheReplicasOfAPartitionIntoDifferentRacksWhileThereAreAny() {
    List<NodeIds> placed = ReplicaPlacement.place(brokers(9, 3), 90, 3, 0);

    for (NodeIds partition : placed) {
      Set<Integer> racks = new HashSet<>();
      partition.toList().forEach(id -> racks.add(id % 3));
      assertEquals(3, racks.size(), partition.toString());
    }
  }

  @Test
  void followersOfOneLeaderAreNotAlwaysTheSame() {
    List<NodeIds> placed = ReplicaPlacement.place(brokers(6, 1), 60, 2, 0);

    Set<Integer> followersOfZero = new HashSet<>();
    placed.stream().filter(p -> p.get(0) == 0).forEach(p -> followersOfZero.add(p.get(1)));
    assertTrue(followersOfZero.size() >= 3, followersOfZero.toString());
  }

  @Test
  void manySmallTopicsSpreadAsOneLargeTopicDoes() {
    Map<Integer, Integer> leaders = new TreeMap<>();
    for (int topic = 0; topic < 30; topic++) {
      leaders.merge(
          ReplicaPlacement.place(brokers(3, 1), 1, 1, topic).getFirst().get(0), 1, Integer::sum);
    }

    assertEquals(Map.of(0, 10, 1, 10, 2, 10), leaders);
  }

  private static List<BrokerImage> brokers(int count, int racks) {
    List<BrokerImage> brokers = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      brokers.add(
          new BrokerImage(
              id,
              1,
              new UUID(1, id),
              new Address("h", 1),
              new Address("h", 2),
              "rack" + id % racks,
              false,
              false));
    }
    return brokers;
  }
}
