package io.penstock.replication.value;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in key order. A change copies the path to one key and shares the rest, so that a
 * command that touches one topic of a hundred thousand costs some twenty small objects. Readers of
 * any thread may hold any version for as long as they like.
 *
 * <p>It is a height-balanced (AVL) tree. Two versions that have a common past share subtrees, which
 * {@link #forEachChange} uses to find what differs in about the time of the difference.
 */
public final class PersistentMap<K extends Comparable<? super K>, V>
    implements Iterable<Map.Entry<K, V>> {

  private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(null);

  private final @Nullable Node<K, V> root;

  private PersistentMap(@Nullable Node<K, V> root) {
    this.root = root;
  }

  @SuppressWarnings("unchecked") // an empty map holds no key and no value of any type
  public static <K extends Comparable<? super K>, V> PersistentMap<K, V> empty() {
    return (PersistentMap<K, V>) EMPTY;
  }

  /**
   * A map of so many keys at once, without the cost of adding one after another.
   *
   * @param keys strictly rising
   * @param values in the order of the keys
   */
  public static <K extends Comparable<? super K>, V> PersistentMap<K, V> ofSorted(
      List<K> keys, List<V> values) {
    for (int i = 1; i < keys.size(); i++) {
      if (keys.get(i - 1).compareTo(keys.get(i)) >= 0) {
        throw new IllegalArgumentException(keys.get(i) + " after " + keys.get(i - 1));
      }
    }
    return keys.isEmpty()
        ? empty()
        : new PersistentMap<>(Node.ofSorted(keys, values, 0, keys.size()));
  }

  public int size() {
    return Node.size(root);
  }

  public boolean isEmpty() {
    return root == null;
  }

  public @Nullable V get(K key) {
    Node<K, V> node = root;
    while (node != null) {
      int order = key.compareTo(node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  public boolean containsKey(K key) {
    return get(key) != null;
  }

  /** The entry with the smallest key that is not below the given one. */
  public Map.@Nullable Entry<K, V> ceilingEntry(K key) {
    Node<K, V> node = root;
    Node<K, V> best = null;
    while (node != null) {
      int order = key.compareTo(node.key);
      if (order == 0) {
        return node.entry();
      }
      if (order < 0) {
        best = node;
      }
      node = order < 0 ? node.left : node.right;
    }
    return best == null ? null : best.entry();
  }

  public PersistentMap<K, V> with(K key, V value) {
    Node<K, V> changed = Node.put(root, key, value);
    return changed == root ? this : new PersistentMap<>(changed);
  }

  public PersistentMap<K, V> without(K key) {
    if (root == null || !containsKey(key)) {
      return this;
    }
    Node<K, V> rest = Node.remove(root, key);
    return rest == null ? empty() : new PersistentMap<>(rest);
  }

  /** Replaces values in key order; where the function returns the same object nothing is copied. */
  public PersistentMap<K, V> mapValues(BiFunction<? super K, ? super V, ? extends V> function) {
    Node<K, V> mapped = Node.mapValues(root, function);
    return mapped == root ? this : new PersistentMap<>(mapped);
  }

  /** As {@link #mapValues}, but looks at these keys only, which must be in the map and rising. */
  public PersistentMap<K, V> mapValuesOf(
      List<K> keys, BiFunction<? super K, ? super V, ? extends V> function) {
    Node<K, V> mapped = Node.mapValuesOf(root, keys, 0, keys.size(), function);
    return mapped == root ? this : new PersistentMap<>(mapped);
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    return new InOrder<>(root);
  }

  /** Called for one key whose value differs; {@code null} stands for absent. */
  @FunctionalInterface
  public interface ChangeVisitor<K, V> {
    void changed(K key, @Nullable V before, @Nullable V after);
  }

  /** Visits, in key order, every key whose value object is not the same in {@code before}. */
  public void forEachChange(PersistentMap<K, V> before, ChangeVisitor<K, V> visitor) {
    PersistentMapDifference.visit(before.root, root, visitor);
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof PersistentMap<?, ?> that) || size() != that.size()) {
      return this == other;
    }
    Iterator<?> theirs = that.iterator();
    for (Map.Entry<K, V> entry : this) {
      if (!entry.equals(theirs.next())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Map.Entry<K, V> entry : this) {
      hash = 31 * hash + Objects.hashCode(entry);
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (Map.Entry<K, V> entry : this) {
      text.append(text.length() == 1 ? "" : ", ").append(entry);
    }
    return text.append('}').toString();
  }

  /** A subtree: never changed after it was made. */
  @SuppressWarnings("ReferenceEquality") // "the same object" is what lets a version be shared
  static final class Node<K extends Comparable<? super K>, V> {
    final K key;
    final V value;
    final @Nullable Node<K, V> left;
    final @Nullable Node<K, V> right;
    final int height;
    final int size;

    Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
      this.key = key;
      this.value = value;
      this.left = left;
      this.right = right;
      this.height = 1 + Math.max(height(left), height(right));
      this.size = 1 + size(left) + size(right);
    }

    static int height(@Nullable Node<?, ?> node) {
      return node == null ? 0 : node.height;
    }

    static int size(@Nullable Node<?, ?> node) {
      return node == null ? 0 : node.size;
    }

    Map.Entry<K, V> entry() {
      return Map.entry(key, value);
    }

    static <K extends Comparable<? super K>, V> Node<K, V> put(
        @Nullable Node<K, V> node, K key, V value) {
      if (node == null) {
        return new Node<>(key, value, null, null);
      }
      int order = key.compareTo(node.key);
      if (order == 0) {
        return node.value == value ? node : new Node<>(node.key, value, node.left, node.right);
      }
      if (order < 0) {
        Node<K, V> left = put(node.left, key, value);
        return left == node.left ? node : balance(node.key, node.value, left, node.right);
      }
      Node<K, V> right = put(node.right, key, value);
      return right == node.right ? node : balance(node.key, node.value, node.left, right);
    }

    static <K extends Comparable<? super K>, V> @Nullable Node<K, V> remove(
        @Nullable Node<K, V> node, K key) {
      if (node == null) {
        return null;
      }
      int order = key.compareTo(node.key);
      if (order < 0) {
        return balance(node.key, node.value, remove(node.left, key), node.right);
      }
      if (order > 0) {
        return balance(node.key, node.value, node.left, remove(node.right, key));
      }
      if (node.left == null || node.right == null) {
        return node.left == null ? node.right : node.left;
      }
      Node<K, V> next = node.right;
      while (next.left != null) {
        next = next.left;
      }
      return balance(next.key, next.value, node.left, remove(node.right, next.key));
    }

    static <K extends Comparable<? super K>, V> @Nullable Node<K, V> mapValues(
        @Nullable Node<K, V> node, BiFunction<? super K, ? super V, ? extends V> function) {
      if (node == null) {
        return null;
      }
      Node<K, V> left = mapValues(node.left, function);
      V value = function.apply(node.key, node.value);
      Node<K, V> right = mapValues(node.right, function);
      if (left == node.left && value == node.value && right == node.right) {
        return node;
      }
      return new Node<>(node.key, value, left, right);
    }

    static <K extends Comparable<? super K>, V> @Nullable Node<K, V> mapValuesOf(
        @Nullable Node<K, V> node,
        List<K> keys,
        int from,
        int to,
        BiFunction<? super K, ? super V, ? extends V> function) {
      if (from == to) {
        return node;
      }
      if (node == null) {
        throw new IllegalArgumentException(keys.get(from) + " is not in the map");
      }
      int found = Collections.binarySearch(keys.subList(from, to), node.key);
      int here = from + (found >= 0 ? found : -found - 1);
      Node<K, V> left = mapValuesOf(node.left, keys, from, here, function);
      V value = found >= 0 ? function.apply(node.key, node.value) : node.value;
      int above = found >= 0 ? here + 1 : here;
      Node<K, V> right = mapValuesOf(node.right, keys, above, to, function);
      if (left == node.left && value == node.value && right == node.right) {
        return node;
      }
      return new Node<>(node.key, value, left, right);
    }

    static <K extends Comparable<? super K>, V> @Nullable Node<K, V> ofSorted(
        List<K> keys, List<V> values, int from, int to) {
      if (from == to) {
        return null;
      }
      int middle = (from + to) >>> 1;
      return new Node<>(
          keys.get(middle),
          values.get(middle),
          ofSorted(keys, values, from, middle),
          ofSorted(keys, values, middle + 1, to));
    }

    private static <K extends Comparable<? super K>, V> Node<K, V> balance(
        K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
      int tilt = height(left) - height(right);
      if (left != null && tilt > 1) {
        Node<K, V> inner = left.right;
        if (inner == null || height(left.left) >= height(inner)) {
          return new Node<>(left.key, left.value, left.left, new Node<>(key, value, inner, right));
        }
        return new Node<>(
            inner.key,
            inner.value,
            new Node<>(left.key, left.value, left.left, inner.left),
            new Node<>(key, value, inner.right, right));
      }
      if (right != null && tilt < -1) {
        Node<K, V> inner = right.left;
        if (inner == null || height(right.right) >= height(inner)) {
          return new Node<>(
              right.key, right.value, new Node<>(key, value, left, inner), right.right);
        }
        return new Node<>(
            inner.key,
            inner.value,
            new Node<>(key, value, left, inner.left),
            new Node<>(right.key, right.value, inner.right, right.right));
      }
      return new Node<>(key, value, left, right);
    }
  }

  /** Walks a tree in key order with a stack of the path's unvisited nodes. */
  private static final class InOrder<K extends Comparable<? super K>, V>
      implements Iterator<Map.Entry<K, V>> {
    private final ArrayDeque<Node<K, V>> path = new ArrayDeque<>();

    InOrder(@Nullable Node<K, V> root) {
      descend(root);
    }

    private void descend(@Nullable Node<K, V> from) {
      for (Node<K, V> node = from; node != null; node = node.left) {
        path.push(node);
      }
    }

    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public Map.Entry<K, V> next() {
      Node<K, V> node = path.poll();
      if (node == null) {
        throw new NoSuchElementException();
      }
      descend(node.right);
      return node.entry();
    }
  }
}
