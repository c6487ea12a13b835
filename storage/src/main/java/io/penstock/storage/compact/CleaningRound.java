package io.penstock.storage.compact;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.producer.ProducerStateView;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one cleaning as a whole: its time, where it ends, and the last batches of the
 * producers, whose sequence numbers have to survive. Immutable once it is used.
 */
public final class CleaningRound {
  /**
   * What is cleaned.
   *
   * @param startOffset where the log starts for readers
   * @param firstDirty the keys of what is from here on are known; no less than the start
   * @param endOffset everything below is cleaned
   */
  public record Range(long startOffset, long firstDirty, long endOffset) {}

  private final long nowMs;
  private final long horizonMs;
  private final Range range;
  private final Map<Long, ProducerStateView> producers = new HashMap<>();

  /**
   * @param tombstoneMs how long a tombstone stays that is found now
   */
  public CleaningRound(
      long nowMs, long tombstoneMs, Range range, List<ProducerStateView> producers) {
    this.nowMs = nowMs;
    long horizon = nowMs + tombstoneMs;
    this.horizonMs = horizon < nowMs ? Long.MAX_VALUE : horizon;
    this.range = range;
    producers.forEach(producer -> this.producers.put(producer.producerId(), producer));
  }

  /** When what is found now may go. */
  long horizonMs() {
    return horizonMs;
  }

  /** Whether the time has come that an earlier cleaning wrote into the batch. */
  boolean isPast(ByteBuffer batches, int at) {
    return RecordBatch.hasDeleteHorizon(batches, at)
        && RecordBatch.baseTimestamp(batches, at) <= nowMs;
  }

  /**
   * Whether a batch is of the clean part: whether it overwrites anything is not looked at again.
   */
  boolean isClean(ByteBuffer batches, int at) {
    long lastOffset = RecordBatch.lastOffset(batches, at);
    return lastOffset >= range.startOffset() && lastOffset < range.firstDirty();
  }

  /**
   * Whether a batch stays, though empty. Besides a producer's last one it is that at the end of the
   * cleaned range: a follower that copies the log would else never come to its end.
   */
  boolean mustKeep(ByteBuffer batches, int at) {
    return RecordBatch.lastOffset(batches, at) + 1 == range.endOffset()
        || isLastOfProducer(batches, at);
  }

  private boolean isLastOfProducer(ByteBuffer batches, int at) {
    if (!RecordBatch.hasProducerId(batches, at)) {
      return false;
    }
    @Nullable ProducerStateView producer = producers.get(RecordBatch.producerId(batches, at));
    if (producer == null) {
      return false;
    }
    return producer.lastOffset() >= 0
        ? producer.lastOffset() == RecordBatch.lastOffset(batches, at)
        : RecordBatch.isControl(batches, at)
            && producer.producerEpoch() == RecordBatch.producerEpoch(batches, at);
  }
}
