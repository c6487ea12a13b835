package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerLimits;
import io.penstock.storage.producer.ProducerStateView;
import io.penstock.storage.producer.ProducerStates;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds the producers' states at an offset again: the newest snapshot before, and what follows. */
final class ProducerReplay {
  /** How much of the end of a log is looked at: batches in flight of a few dozen producers. */
  private static final int REMEMBERED_BYTES = 1 << 20;

  private final SnapshotFiles snapshots;
  private final Segments segments;
  private final long nowMs;

  ProducerReplay(SnapshotFiles snapshots, Segments segments, long nowMs) {
    this.snapshots = snapshots;
    this.segments = segments;
    this.nowMs = nowMs;
  }

  /** Replaces the states of a log that was truncated. */
  static void restore(LogState state, SnapshotFiles snapshots, long offset)
      throws StorageException {
    long nowMs = state.services.clock().getAsLong();
    ProducerReplay replay = new ProducerReplay(snapshots, state.segments.get(), nowMs);
    ProducerStates restored = new ProducerStates(ProducerLimits.DEFAULT);
    replay.into(restored, offset);
    state.withProducers(producers -> {
      producers.replaceBy(restored);
      return producers;
    });
  }

  /** Brings empty states to where they were before the batch at the offset. */
  void into(ProducerStates producers, long offset) throws StorageException {
    long from = segments.first().baseOffset();
    OptionalLong newest = snapshots.newestAtOrBelow(offset);
    while (newest.isPresent()) {
      Optional<List<ProducerStateView>> views = snapshots.read(newest.getAsLong());
      if (views.isPresent()) {
        producers.load(views.get(), nowMs);
        if (producers.size() > 0) {
          remember(producers, newest.getAsLong());
        }
        from = Math.max(from, newest.getAsLong());
        break;
      }
      newest = snapshots.newestAtOrBelow(newest.getAsLong() - 1);
    }
    for (int i = segments.floorIndex(from); i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (Math.max(from, segment.baseOffset()) >= offset) {
        return;
      }
      replay(segment, from, offset, producers);
    }
  }

  /**
   * A snapshot has the last batch of each producer; one that was in flight with it, and is sent
   * again over a restart, has to be known too. So the last batches before it are looked at.
   */
  private void remember(ProducerStates producers, long end) throws StorageException {
    if (end <= segments.first().baseOffset()) {
      return;
    }
    ProducerStates replayed = new ProducerStates(ProducerLimits.DEFAULT);
    int last = segments.floorIndex(end - 1);
    int bytes = segments.at(last).batches().positionOf(end, segments.at(last).sizeBytes());
    if (bytes < REMEMBERED_BYTES && last > 0) {
      // Segments as small as that are rare: one more is enough.
      LogSegment before = segments.at(last - 1);
      int wanted = before.sizeBytes() - (REMEMBERED_BYTES - bytes);
      replay(before, offsetBefore(before, wanted, end), end, replayed);
    }
    LogSegment segment = segments.at(last);
    replay(segment, offsetBefore(segment, bytes - REMEMBERED_BYTES, end), end, replayed);
    producers.remember(replayed);
  }

  /** An offset that lies not long behind a position, by the index. */
  private static long offsetBefore(LogSegment segment, int position, long end)
      throws StorageException {
    long low = segment.baseOffset();
    long high = position <= 0 ? low : end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (segment.indexes().positionAtOrBefore(middle) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void replay(LogSegment segment, long from, long to, ProducerStates producers)
      throws StorageException {
    int readable = segment.sizeBytes();
    int position = segment.batches().positionOf(from, readable);
    SharedFile open = segment.acquire();
    try {
      HeaderReader reader = HeaderReader.over(open.file(), position, readable);
      // Behind the offset there may be a torn tail.
      long next = from;
      while (next < to && reader.loadIfWhole() && reader.baseOffset() < to) {
        note(reader, producers);
        next = reader.lastOffset() + 1;
        reader.next();
      }
    } finally {
      open.release();
    }
  }

  private static void note(HeaderReader reader, ProducerStates producers) throws StorageException {
    if (!RecordBatch.hasProducerId(reader.buffer(), reader.at())) {
      return;
    }
    if (RecordBatch.isControl(reader.buffer(), reader.at())) {
      reader.loadBody();
    }
    producers.update(reader.buffer(), reader.at(), reader.maxTimestampMs());
  }
}
