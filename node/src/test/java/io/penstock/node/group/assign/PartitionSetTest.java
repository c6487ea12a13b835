package io.penstock.node.group.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Held against sets of the JDK, by seeds. */
final class PartitionSetTest {

  @Test
  void isInAscendingOrderAndHasEachPartitionOnce() {
    PartitionSet set = PartitionSet.of(7, 3, 7, 5, 3);

    assertEquals(List.of(3, 5, 7), set.toList());
    assertEquals(3, set.size());
    assertEquals("[3, 5, 7]", set.toString());
  }

  @Test
  void isEqualToASetOfTheSamePartitions() {
    assertEquals(PartitionSet.of(2, 1), PartitionSet.of(List.of(1, 2)));
    assertEquals(PartitionSet.of(2, 1).hashCode(), PartitionSet.range(1, 3).hashCode());
    assertEquals(PartitionSet.EMPTY, PartitionSet.range(4, 4));
    assertFalse(PartitionSet.of(1).equals(PartitionSet.of(2)));
  }

  @Test
  void computesAsSetsDo() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Set<Integer> left = some(random);
      Set<Integer> right = some(random);
      Set<Integer> sum = new HashSet<>(left);
      sum.addAll(right);
      Set<Integer> common = new HashSet<>(left);
      common.retainAll(right);
      Set<Integer> rest = new HashSet<>(left);
      rest.removeAll(right);

      PartitionSet one = PartitionSet.of(left);
      PartitionSet other = PartitionSet.of(right);

      String message = "seed " + seed;
      assertEquals(PartitionSet.of(sum), one.plus(other), message);
      assertEquals(PartitionSet.of(common), one.common(other), message);
      assertEquals(PartitionSet.of(rest), one.minus(other), message);
      for (int partition = 0; partition < 12; partition++) {
        assertEquals(left.contains(partition), one.contains(partition), message);
      }
    }
  }

  @Test
  void doesNotCopyWhatDoesNotChange() {
    PartitionSet set = PartitionSet.of(1, 2);

    assertSame(set, set.minus(PartitionSet.of(5)));
    assertSame(set, set.common(PartitionSet.range(0, 9)));
    assertSame(set, set.plus(PartitionSet.EMPTY));
    assertTrue(set.minus(set).isEmpty());
  }

  private static Set<Integer> some(Random random) {
    Set<Integer> some = new HashSet<>();
    int count = random.nextInt(8);
    for (int i = 0; i < count; i++) {
      some.add(random.nextInt(12));
    }
    return some;
  }
}
