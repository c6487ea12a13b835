package io.penstock.storage.log;

import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The segments of a log in order of their base offsets; immutable, replaced as a whole when one is
 * added or removed. Never empty; the last one is active.
 */
final class Segments {
  private final LogSegment[] sorted;

  Segments(List<LogSegment> sorted) {
    this.sorted = sorted.toArray(LogSegment[]::new);
  }

  private Segments(LogSegment[] sorted) {
    this.sorted = sorted;
  }

  int count() {
    return sorted.length;
  }

  LogSegment at(int index) {
    return sorted[index];
  }

  LogSegment first() {
    return sorted[0];
  }

  LogSegment active() {
    return sorted[sorted.length - 1];
  }

  List<LogSegment> all() {
    return List.of(sorted);
  }

  /** The index of the last segment whose base offset is at most {@code offset}, else 0. */
  int floorIndex(long offset) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (sorted[middle].baseOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  Segments plus(LogSegment next) {
    LogSegment[] more = Arrays.copyOf(sorted, sorted.length + 1);
    more[sorted.length] = next;
    return new Segments(more);
  }

  /** Whether these are segments of it, one after another, none of them active. */
  boolean hold(List<LogSegment> some) {
    int at = floorIndex(some.getFirst().baseOffset());
    return at + some.size() < sorted.length
        && Arrays.asList(sorted).subList(at, at + some.size()).equals(some);
  }

  /** With others, or none, in the place of segments that {@link #hold} says it has. */
  Segments replaced(List<LogSegment> old, List<LogSegment> by) {
    List<LogSegment> all = new ArrayList<>(Arrays.asList(sorted));
    int at = floorIndex(old.getFirst().baseOffset());
    all.subList(at, at + old.size()).clear();
    all.addAll(at, by);
    return new Segments(all);
  }

  Segments withoutFirst(int removed) {
    return new Segments(Arrays.copyOfRange(sorted, removed, sorted.length));
  }

  /** Without what comes after a segment. */
  Segments upTo(LogSegment last) {
    int count = sorted.length;
    while (sorted[count - 1] != last) {
      count--;
    }
    return new Segments(Arrays.copyOf(sorted, count));
  }

  /** What their indexes say of transactions that were aborted. */
  List<AbortedTransaction> aborted() throws StorageException {
    List<AbortedTransaction> all = new ArrayList<>();
    for (LogSegment segment : sorted) {
      all.addAll(segment.indexes().transactions().all());
    }
    return all;
  }

  long sizeBytes() {
    long bytes = 0;
    for (LogSegment segment : sorted) {
      bytes += segment.sizeBytes();
    }
    return bytes;
  }
}
