package io.penstock.replication.value;

import io.penstock.replication.value.PersistentMap.ChangeVisitor;
import io.penstock.replication.value.PersistentMap.Node;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Finds what differs between two versions of a {@link PersistentMap}. Both are taken apart from the
 * left, always the taller subtree first; a subtree that both have is dropped unseen.
 */
@SuppressWarnings("ReferenceEquality") // a value that is the same object did not change
final class PersistentMapDifference<K extends Comparable<? super K>, V> {

  private final ArrayDeque<Piece<K, V>> before = new ArrayDeque<>();
  private final ArrayDeque<Piece<K, V>> after = new ArrayDeque<>();
  private final ChangeVisitor<K, V> visitor;

  private PersistentMapDifference(ChangeVisitor<K, V> visitor) {
    this.visitor = visitor;
  }

  static <K extends Comparable<? super K>, V> void visit(
      @Nullable Node<K, V> before, @Nullable Node<K, V> after, ChangeVisitor<K, V> visitor) {
    PersistentMapDifference<K, V> difference = new PersistentMapDifference<>(visitor);
    push(difference.before, before);
    push(difference.after, after);
    difference.run();
  }

  /** A whole subtree still to be looked at, or the single entry at its root. */
  private record Piece<K extends Comparable<? super K>, V>(Node<K, V> node, boolean whole) {
    int height() {
      return whole ? node.height : 0;
    }
  }

  private static <K extends Comparable<? super K>, V> void push(
      ArrayDeque<Piece<K, V>> pieces, @Nullable Node<K, V> node) {
    if (node != null) {
      pieces.push(new Piece<>(node, true));
    }
  }

  private static <K extends Comparable<? super K>, V> void takeApart(
      ArrayDeque<Piece<K, V>> pieces) {
    Node<K, V> node = pieces.pop().node;
    push(pieces, node.right);
    pieces.push(new Piece<>(node, false));
    push(pieces, node.left);
  }

  private void run() {
    while (true) {
      Piece<K, V> old = before.peek();
      Piece<K, V> now = after.peek();
      if (old == null && now == null) {
        return;
      }
      if (old != null && now != null && old.equals(now)) {
        before.pop();
        after.pop();
      } else if (old != null && old.whole && (now == null || old.height() >= now.height())) {
        takeApart(before);
      } else if (now != null && now.whole) {
        takeApart(after);
      } else {
        compareEntries(old, now);
      }
    }
  }

  private void compareEntries(@Nullable Piece<K, V> old, @Nullable Piece<K, V> now) {
    int order = old == null ? 1 : now == null ? -1 : old.node.key.compareTo(now.node.key);
    if (old != null && order <= 0) {
      before.pop();
    }
    if (now != null && order >= 0) {
      after.pop();
    }
    if (old != null && order < 0) {
      visitor.changed(old.node.key, old.node.value, null);
    } else if (now != null && order > 0) {
      visitor.changed(now.node.key, null, now.node.value);
    } else if (old != null && now != null && old.node.value != now.node.value) {
      visitor.changed(now.node.key, old.node.value, now.node.value);
    }
  }
}
