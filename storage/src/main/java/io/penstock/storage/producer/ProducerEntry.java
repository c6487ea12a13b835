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

  /** From here to the last sequence, every one is in the log; not in snapshots. */
  private int unbrokenFrom = RecordBatch.NO_SEQUENCE;

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
    int first = firstSequence(lastSequence, offsetDelta);
    boolean continues = batches > 0 && first == lastSequence() + 1L;
    if (!continues || lastSequence < first) { // behind a gap, or where sequences begin anew
      unbrokenFrom = lastSequence < first ? 0 : first;
    }
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

  /**
   * Whether these sequences are in the log before the batches that are remembered. A producer sends
   * such a batch again when its first answer got lost with a leader that kept the connection, while
   * it went on with the next leader.
   */
  boolean isBeforeMemory(int firstSequence, int lastSequence) {
    return batches > 0
        && unbrokenFrom <= firstSequence
        && firstSequence <= lastSequence
        && lastSequence < firstSequence(0)
        && firstSequence(0) <= lastSequence(); // else sequences began anew among them
  }

  /** What is known of a batch before those that are remembered: it ends before them. */
  ProducerCheck.Duplicate duplicateBeforeMemory() {
    long end = lastOffsets[0] - offsetDeltas[0];
    return new ProducerCheck.Duplicate(NONE, end - 1, RecordBatch.NO_TIMESTAMP);
  }

  ProducerCheck.Duplicate duplicateOf(int batch) {
    long last = lastOffsets[batch];
    return new ProducerCheck.Duplicate(last - offsetDeltas[batch], last, timestamps[batch]);
  }

  /**
   * Takes over the batches that another one of the same producer remembers, where they end with the
   * one that is the last here.
   */
  void remember(ProducerEntry other) {
    if (batches == 0
        || other.batches <= batches
        || other.epoch != epoch
        || other.lastSequence() != lastSequence()
        || other.lastOffsets[other.batches - 1] != lastOffsets[batches - 1]) {
      return;
    }
    batches = other.batches;
    unbrokenFrom = other.unbrokenFrom;
    lastSequences = other.lastSequences.clone();
    offsetDeltas = other.offsetDeltas.clone();
    lastOffsets = other.lastOffsets.clone();
    timestamps = other.timestamps.clone();
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
    return firstSequence(lastSequences[batch], offsetDeltas[batch]);
  }

  private static int firstSequence(int last, int delta) {
    return last >= delta ? last - delta : (int) (last + (1L << 31) - delta);
  }
}
