package io.penstock.storage.producer;

import io.penstock.storage.batch.RecordBatch;
import java.util.Arrays;

/**
 * One producer: its epoch and its last five batches, oldest first, in arrays that grow with use,
 * since most producers of a partition are seen once. Guarded by whoever guards {@link
 * ProducerStates}.
 */
final class ProducerEntry {
  /** As many as a Java producer may have in flight with idempotence. */
  static final int BATCHES_MAX = 5;

  static final long NONE = -1;

  final long producerId;
  short epoch = RecordBatch.NO_PRODUCER_EPOCH;
  int coordinatorEpoch = -1;
  long lastTimestampMs = RecordBatch.NO_TIMESTAMP;
  long lastSeenMs = RecordBatch.NO_TIMESTAMP;
  long openTransactionOffset = NONE;

  private int batches;
  private int[] lastSequences = new int[1];
  private int[] offsetDeltas = new int[1];
  private long[] lastOffsets = new long[1];
  private long[] timestamps = new long[1];

  ProducerEntry(long producerId) {
    this.producerId = producerId;
  }

  boolean hasBatches() {
    return batches > 0;
  }

  int lastSequence() {
    return batches == 0 ? RecordBatch.NO_SEQUENCE : lastSequences[batches - 1];
  }

  /** A new epoch forgets the batches of the one before. */
  void enterEpoch(short newEpoch) {
    if (newEpoch != epoch) {
      epoch = newEpoch;
      batches = 0;
    }
  }

  void addBatch(int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
    if (batches == BATCHES_MAX) {
      batches--;
      System.arraycopy(lastSequences, 1, lastSequences, 0, batches);
      System.arraycopy(offsetDeltas, 1, offsetDeltas, 0, batches);
      System.arraycopy(lastOffsets, 1, lastOffsets, 0, batches);
      System.arraycopy(timestamps, 1, timestamps, 0, batches);
    } else if (batches == lastSequences.length) {
      lastSequences = Arrays.copyOf(lastSequences, BATCHES_MAX);
      offsetDeltas = Arrays.copyOf(offsetDeltas, BATCHES_MAX);
      lastOffsets = Arrays.copyOf(lastOffsets, BATCHES_MAX);
      timestamps = Arrays.copyOf(timestamps, BATCHES_MAX);
    }
    lastSequences[batches] = lastSequence;
    offsetDeltas[batches] = offsetDelta;
    lastOffsets[batches] = lastOffset;
    timestamps[batches] = timestampMs;
    batches++;
    lastTimestampMs = timestampMs;
  }

  /** The number of the remembered batch with exactly these sequences, or -1. */
  int batchWith(int firstSequence, int lastSequence) {
    for (int i = 0; i < batches; i++) {
      if (lastSequences[i] == lastSequence && firstSequence(i) == firstSequence) {
        return i;
      }
    }
    return -1;
  }

  ProducerCheck.Duplicate duplicateOf(int batch) {
    long last = lastOffsets[batch];
    return new ProducerCheck.Duplicate(last - offsetDeltas[batch], last, timestamps[batch]);
  }

  ProducerStateView view() {
    int last = batches - 1;
    return new ProducerStateView(
        producerId,
        epoch,
        lastSequence(),
        last < 0 ? NONE : lastOffsets[last],
        last < 0 ? 0 : offsetDeltas[last],
        lastTimestampMs,
        coordinatorEpoch,
        openTransactionOffset);
  }

  /** A producer whose records have no time counts as seen now, or it would be lost at once. */
  static ProducerEntry of(ProducerStateView view, long nowMs) {
    ProducerEntry entry = new ProducerEntry(view.producerId());
    entry.epoch = view.producerEpoch();
    entry.coordinatorEpoch = view.coordinatorEpoch();
    if (view.lastOffset() >= 0) {
      entry.addBatch(
          view.lastSequence(), view.lastOffset(), view.offsetDelta(), view.lastTimestampMs());
    }
    entry.lastTimestampMs = view.lastTimestampMs();
    entry.lastSeenMs = view.lastTimestampMs() < 0 ? nowMs : view.lastTimestampMs();
    entry.openTransactionOffset = Math.max(NONE, view.openTransactionOffset());
    return entry;
  }

  private int firstSequence(int batch) {
    int last = lastSequences[batch];
    int delta = offsetDeltas[batch];
    return last >= delta ? last - delta : (int) (last + (1L << 31) - delta);
  }
}
