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
    List<ProducerStateView> views = restored.list();
    state.withProducers(producers -> {
      producers.load(views, nowMs);
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
