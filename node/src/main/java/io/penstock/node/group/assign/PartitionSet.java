package io.penstock.node.group.assign;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Numbers of partitions of one topic, ascending, four bytes each. Immutable. */
public final class PartitionSet {

  public static final PartitionSet EMPTY = new PartitionSet(new int[0]);

  private final int[] ascending;

  private PartitionSet(int[] ascending) {
    this.ascending = ascending;
  }

  /** These partitions, in any order; one that is given twice is in it once. */
  public static PartitionSet of(int... partitions) {
    return of(partitions, partitions.length);
  }

  /** These partitions, in any order. */
  public static PartitionSet of(Collection<Integer> partitions) {
    return of(partitions.stream().mapToInt(Integer::intValue).toArray());
  }

  /** All from one partition up to another, which is not in it. */
  public static PartitionSet range(int from, int to) {
    return to <= from ? EMPTY : new PartitionSet(IntStream.range(from, to).toArray());
  }

  /** The first so many of these, in any order. */
  static PartitionSet of(int[] partitions, int count) {
    if (count == 0) {
      return EMPTY;
    }
    int[] sorted = Arrays.copyOf(partitions, count);
    Arrays.sort(sorted);
    int distinct = 1;
    for (int i = 1; i < count; i++) {
      if (sorted[i] != sorted[i - 1]) {
        sorted[distinct++] = sorted[i];
      }
    }
    return new PartitionSet(distinct == count ? sorted : Arrays.copyOf(sorted, distinct));
  }

  public int size() {
    return ascending.length;
  }

  public boolean isEmpty() {
    return ascending.length == 0;
  }

  public boolean contains(int partition) {
    return Arrays.binarySearch(ascending, partition) >= 0;
  }

  /** The one at this place of the ascending order. */
  public int get(int index) {
    return ascending[index];
  }

  public IntStream stream() {
    return Arrays.stream(ascending);
  }

  public List<Integer> toList() {
    return stream().boxed().toList();
  }

  /** What is in this or in the other. */
  public PartitionSet plus(PartitionSet other) {
    if (other.isEmpty() || isEmpty()) {
      return isEmpty() ? other : this;
    }
    int[] both = Arrays.copyOf(ascending, ascending.length + other.ascending.length);
    System.arraycopy(other.ascending, 0, both, ascending.length, other.ascending.length);
    return of(both, both.length);
  }

  /** What is in this and not in the other. */
  public PartitionSet minus(PartitionSet other) {
    return keep(other, false);
  }

  /** What is in both. */
  public PartitionSet common(PartitionSet other) {
    return keep(other, true);
  }

  private PartitionSet keep(PartitionSet other, boolean whereInOther) {
    int[] kept = new int[ascending.length];
    int count = 0;
    for (int partition : ascending) {
      if (other.contains(partition) == whereInOther) {
        kept[count++] = partition;
      }
    }
    return count == ascending.length ? this : of(kept, count);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PartitionSet set && Arrays.equals(ascending, set.ascending);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ascending);
  }

  @Override
  public String toString() {
    return Arrays.toString(ascending);
  }
}
