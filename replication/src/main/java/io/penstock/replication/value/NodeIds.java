package io.penstock.replication.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * An immutable, ordered list of distinct node ids: replicas in assignment order, an ISR, an ELR.
 * Equality is by order and value. Compact, since a large cluster holds some millions of them.
 */
public final class NodeIds {

  public static final NodeIds NONE = new NodeIds(new int[0]);

  private final int[] ids;

  private NodeIds(int[] ids) {
    this.ids = ids;
  }

  public static NodeIds of(int... ids) {
    return ids.length == 0 ? NONE : new NodeIds(ids.clone());
  }

  public static NodeIds copyOf(Collection<Integer> ids) {
    return of(ids.stream().mapToInt(Integer::intValue).toArray());
  }

  public int size() {
    return ids.length;
  }

  public boolean isEmpty() {
    return ids.length == 0;
  }

  public int get(int index) {
    return ids[index];
  }

  public int indexOf(int id) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return i;
      }
    }
    return -1;
  }

  public boolean contains(int id) {
    return indexOf(id) >= 0;
  }

  public boolean containsAll(NodeIds other) {
    return other.allMatch(this::contains);
  }

  public boolean allMatch(IntPredicate test) {
    for (int id : ids) {
      if (!test.test(id)) {
        return false;
      }
    }
    return true;
  }

  public boolean hasDuplicates() {
    for (int i = 1; i < ids.length; i++) {
      for (int j = 0; j < i; j++) {
        if (ids[i] == ids[j]) {
          return true;
        }
      }
    }
    return false;
  }

  /** Those that pass the test, in the same order; this very list if all do. */
  public NodeIds filter(IntPredicate test) {
    int[] kept = new int[ids.length];
    int count = 0;
    for (int id : ids) {
      if (test.test(id)) {
        kept[count++] = id;
      }
    }
    if (count == ids.length) {
      return this;
    }
    return count == 0 ? NONE : new NodeIds(Arrays.copyOf(kept, count));
  }

  public NodeIds without(int id) {
    return filter(other -> other != id);
  }

  public NodeIds with(int id) {
    if (contains(id)) {
      return this;
    }
    int[] more = Arrays.copyOf(ids, ids.length + 1);
    more[ids.length] = id;
    return new NodeIds(more);
  }

  public int[] toArray() {
    return ids.clone();
  }

  public List<Integer> toList() {
    List<Integer> list = new ArrayList<>(ids.length);
    for (int id : ids) {
      list.add(id);
    }
    return Collections.unmodifiableList(list);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NodeIds that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
