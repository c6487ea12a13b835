package io.penstock.storage.log;

import java.util.ArrayDeque;

/**
 * Bounds how many segment files of a node stay open while nobody uses them. Second chance: a file
 * that was used since it was last looked at stays, so that a use only sets a flag. Safe for any
 * thread.
 */
public final class OpenFiles {
  /** Far below the usual limit on descriptors, far above the files that are read at a time. */
  public static final int OPEN_MAX_DEFAULT = 2048;

  private final int openMax;
  private final ArrayDeque<SegmentFile> residents = new ArrayDeque<>();

  public OpenFiles(int openMax) {
    this.openMax = openMax;
  }

  /** Called by a file that was opened. */
  void admit(SegmentFile file) {
    SegmentFile evicted = null;
    synchronized (residents) {
      residents.addLast(file);
      if (residents.size() > openMax) {
        evicted = oldestUnused();
      }
    }
    if (evicted != null) {
      evicted.letGo();
    }
  }

  private SegmentFile oldestUnused() {
    for (int tried = 0; tried < openMax; tried++) {
      SegmentFile candidate = residents.removeFirst();
      if (!candidate.wasUsedSinceAsked()) {
        return candidate;
      }
      residents.addLast(candidate);
    }
    return residents.removeFirst();
  }

  /** Called by a file that is going away. */
  void forget(SegmentFile file) {
    synchronized (residents) {
      residents.remove(file);
    }
  }
}
