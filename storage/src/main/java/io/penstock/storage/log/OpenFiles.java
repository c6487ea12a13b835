package io.penstock.storage.log;

import java.util.ArrayDeque;

/**
 * Bounds how many sealed segments of a node keep their file open while nobody reads them. Second
 * chance: a segment that was read since it was last looked at stays, so that a read only sets a
 * flag. Safe for any thread.
 */
public final class OpenFiles {
  /** Far below the usual limit on descriptors, far above the segments that are read at a time. */
  public static final int OPEN_MAX_DEFAULT = 2048;

  private final int openMax;
  private final ArrayDeque<LogSegment> residents = new ArrayDeque<>();

  public OpenFiles(int openMax) {
    this.openMax = openMax;
  }

  /** Called by a sealed segment that has opened its file. */
  void admit(LogSegment segment) {
    LogSegment evicted = null;
    synchronized (residents) {
      residents.addLast(segment);
      if (residents.size() > openMax) {
        evicted = oldestUnused();
      }
    }
    if (evicted != null) {
      evicted.closeIdleFile();
    }
  }

  private LogSegment oldestUnused() {
    for (int tried = 0; tried < openMax; tried++) {
      LogSegment candidate = residents.removeFirst();
      if (!candidate.wasReadSinceAsked()) {
        return candidate;
      }
      residents.addLast(candidate);
    }
    return residents.removeFirst();
  }

  /** Called by a segment that is going away. */
  void forget(LogSegment segment) {
    synchronized (residents) {
      residents.remove(segment);
    }
  }
}
