package io.penstock.storage.log;

import com.codahale.metrics.Timer;
import io.penstock.storage.io.StorageException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the batches of one log durable for acks that wait for that. One flush at a time: whoever
 * asks while one is under way shares the next, so that a log takes as many producers as there are
 * for two fsyncs. Runs on the background's sync lane.
 *
 * <p>Why not by {@link LogFlusher}: the recovery point also needs the indexes on the disk, which
 * makes three fsyncs of one, and a flush there may be busy for seconds with a segment that was
 * rolled. What this leaves behind, recovery finds by its scan, of at most {@link
 * LogFlusher#FLUSH_EACH_BYTES}.
 */
final class GroupFlush {
  private final LogState state;

  /** Of those who asked and are not covered by a flush that has ended. */
  private final AtomicInteger asking = new AtomicInteger();

  GroupFlush(LogState state) {
    this.state = state;
  }

  /** Has everything that is appended by now made durable. Any thread; does not wait. */
  void ask() {
    if (asking.getAndIncrement() == 0) {
      submit();
    }
  }

  private void submit() {
    state.services.work().sync(state.untilAbandoned(this::flush));
  }

  private void flush() throws StorageException {
    int covered = asking.get();
    try {
      if (!state.closed) {
        force();
      }
    } finally {
      if (asking.addAndGet(-covered) > 0) {
        submit();
      }
    }
  }

  private void force() throws StorageException {
    // Read first: a truncation after it makes the rest void.
    long generation = state.generation;
    LogEnd target = state.end;
    if (target.offset() <= state.durableEnd) {
      return;
    }
    try (Timer.Context _ = state.services.metrics().groupFlushTime().time()) {
      state.forceBeforeFirst();
      Segments segments = state.segments.get();
      for (int i = segments.floorIndex(state.durableEnd); i < segments.count(); i++) {
        if (segments.at(i).baseOffset() <= target.segment().baseOffset()) {
          segments.at(i).forceBatches();
        }
      }
    }
    state.madeDurable(target.offset(), generation);
  }
}
