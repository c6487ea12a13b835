package io.penstock.node.cold;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells readers that go through a file from front to back by their ranges alone: one that begins
 * where an earlier one ended continues it. For such a scan it says what to read ahead and what to
 * drop. It knows nothing of disks or threads; a file is whatever stands for one. Any thread.
 *
 * <p>Dropping a page too many costs a reader a disk access, never a wrong byte.
 */
final class ScanTracker {

  /** Read ahead when less than this many ranges of the reader's size are ahead of it. */
  private static final int AHEAD_RANGES_MIN = 2;

  private static final int AHEAD_RANGES = 4;

  /** No single advice asks for more, however large the reader's ranges are. */
  private static final long AHEAD_BYTES_MAX = 8L << 20;

  private final int scansMax;
  private final LinkedHashMap<Place, Scan> scans = new LinkedHashMap<>();

  ScanTracker(int scansMax) {
    this.scansMax = scansMax;
  }

  /** Where a reader is expected next. */
  private record Place(Object file, long position) {}

  /**
   * How far things are with one reader.
   *
   * @param sequential whether it has continued where it was, at least once
   * @param cold whether it has met a range that was not in memory
   * @param aheadUntil what has been read ahead ends here
   * @param dropFrom what it passed and is still in memory because of it begins here
   */
  private record Scan(boolean sequential, boolean cold, long aheadUntil, long dropFrom) {}

  /** What to do besides serving the range; zero bytes mean nothing. */
  record Advice(long aheadFrom, long aheadBytes, long dropFrom, long dropBytes) {
    static final Advice NONE = new Advice(0, 0, 0, 0);

    boolean isNothing() {
      return aheadBytes == 0 && dropBytes == 0;
    }
  }

  /** Notes that a range is being read, and whether it was in memory. */
  synchronized Advice read(Object file, long position, int size, boolean resident) {
    long next = position + size;
    Scan before = scans.remove(new Place(file, position));
    boolean sequential = before != null || position == 0;
    boolean cold = !resident || (before != null && before.cold());
    long aheadUntil = Math.max(next, before == null ? next : before.aheadUntil());
    long dropFrom = before == null ? position : before.dropFrom();
    Advice advice = Advice.NONE;
    if (sequential && cold) {
      long aheadBytes = aheadBytes(next, size, aheadUntil);
      long dropBytes = before == null ? 0 : dropBytes(file, dropFrom, position - size);
      advice = new Advice(aheadUntil, aheadBytes, dropFrom, dropBytes);
      aheadUntil += aheadBytes;
      dropFrom += dropBytes;
    }
    scans.put(new Place(file, next), new Scan(sequential, cold, aheadUntil, dropFrom));
    forgetOldest();
    return advice;
  }

  synchronized int size() {
    return scans.size();
  }

  private static long aheadBytes(long next, int size, long aheadUntil) {
    long wanted = Math.min(AHEAD_BYTES_MAX, (long) size * AHEAD_RANGES);
    long enough = Math.min(AHEAD_BYTES_MAX, (long) size * AHEAD_RANGES_MIN);
    long ahead = aheadUntil - next;
    return ahead < enough ? wanted - ahead : 0;
  }

  /**
   * What may go: up to the range that the reader had before this one, unless one comes after it.
   */
  private long dropBytes(Object file, long from, long until) {
    if (until <= from) {
      return 0;
    }
    for (Map.Entry<Place, Scan> other : scans.entrySet()) {
      Place place = other.getKey();
      if (place.file().equals(file) && place.position() < until) {
        return 0;
      }
    }
    return until - from;
  }

  private void forgetOldest() {
    Iterator<Place> oldest = scans.keySet().iterator();
    while (scans.size() > scansMax) {
      oldest.next();
      oldest.remove();
    }
  }
}
