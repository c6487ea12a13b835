package io.penstock.storage.log;

import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.io.StorageException;
import java.util.List;

/**
 * Tells failures of a disk from the end of what is read: under a cleaning, which takes minutes, its
 * log may be deleted or closed, and segments of it deleted or cut. That ends the cleaning, and is
 * nothing that an operator has to hear of. One cleaning's.
 */
final class SegmentWatch {
  private final LogState state;
  private final LogTrimmer trimmer;
  private final long generation;

  /**
   * @param generation that of the log when its segments were looked up
   */
  SegmentWatch(LogState state, LogTrimmer trimmer, long generation) {
    this.state = state;
    this.trimmer = trimmer;
    this.generation = generation;
  }

  /** Whether offsets of the log still mean what they did when the cleaning began. */
  boolean isUncut() {
    return state.generation == generation;
  }

  /** A look into segments. */
  interface Reading<T> {
    T read() throws StorageException, CleaningAbortedException;
  }

  <T> T whileThere(List<LogSegment> read, Reading<T> reading)
      throws StorageException, CleaningAbortedException {
    try {
      return reading.read();
    } catch (StorageException | RuntimeException failure) {
      trimmer.awaitPublished();
      if (!state.has(read, generation)) {
        throw new CleaningAbortedException("the log was closed, or segments deleted or truncated");
      }
      throw failure;
    }
  }
}
