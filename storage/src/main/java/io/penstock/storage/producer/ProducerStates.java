package io.penstock.storage.producer;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.producer.ProducerCheck.Accept;
import io.penstock.storage.producer.ProducerCheck.InvalidEpoch;
import io.penstock.storage.producer.ProducerCheck.InvalidTransactionState;
import io.penstock.storage.producer.ProducerCheck.OutOfOrderSequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The producers of one partition, by Kafka's rules. Not safe for threads: guarded by the
 * partition's lock. {@link #check} changes nothing; {@link #update} is called after the batch has
 * been written, so that a batch whose write failed is not taken for a duplicate when it is sent
 * again. Memory is bounded by {@link ProducerLimits}.
 */
public final class ProducerStates {
  private final ProducerLimits limits;

  /** In the order of their last update, so that the first is the one silent longest. */
  private final LinkedHashMap<Long, ProducerEntry> producers = new LinkedHashMap<>();

  /** Producer ids by the first offset of their open transaction. */
  private final TreeMap<Long, Long> openTransactions = new TreeMap<>();

  public ProducerStates(ProducerLimits limits) {
    this.limits = limits;
  }

  /** Whether a batch of a client may be appended now. */
  public ProducerCheck check(ByteBuffer records, int position) {
    return check(records, position, position);
  }

  /**
   * Whether a batch of a client may be appended behind the batches in {@code [firstPosition,
   * position)}, which passed this check and will be written together with it.
   */
  public ProducerCheck check(ByteBuffer records, int firstPosition, int position) {
    long producerId = RecordBatch.producerId(records, position);
    if (producerId <= RecordBatch.NO_PRODUCER_ID) {
      return Accept.INSTANCE;
    }
    @Nullable ProducerEntry entry = producers.get(producerId);
    short batchEpoch = RecordBatch.producerEpoch(records, position);
    int firstSequence = RecordBatch.baseSequence(records, position);
    if (entry != null && batchEpoch == entry.epoch) {
      int batchLast = RecordBatch.lastSequence(records, position);
      int duplicate = entry.batchWith(firstSequence, batchLast);
      if (duplicate >= 0) {
        return entry.duplicateOf(duplicate);
      }
      if (entry.isBeforeMemory(firstSequence, batchLast)) {
        return entry.duplicateBeforeMemory();
      }
    }
    short epoch = entry == null ? RecordBatch.NO_PRODUCER_EPOCH : entry.epoch;
    int lastSequence = entry == null ? RecordBatch.NO_SEQUENCE : entry.lastSequence();
    boolean inTransaction = entry != null && entry.openTransactionOffset >= 0;
    for (int at = firstPosition; at < position; at += RecordBatch.sizeInBytes(records, at)) {
      if (RecordBatch.producerId(records, at) == producerId) {
        epoch = RecordBatch.producerEpoch(records, at);
        lastSequence = RecordBatch.lastSequence(records, at);
        inTransaction |= RecordBatch.isTransactional(records, at);
      }
    }
    ProducerCheck sequence =
        checkSequence(producerId, epoch, lastSequence, batchEpoch, firstSequence);
    if (sequence instanceof Accept
        && inTransaction
        && !RecordBatch.isTransactional(records, position)) {
      return new InvalidTransactionState(
          "producer " + producerId + " has a transaction open and sent records outside of it");
    }
    return sequence;
  }

  private static ProducerCheck checkSequence(
      long producerId, short epoch, int lastSequence, short batchEpoch, int firstSequence) {
    if (batchEpoch < epoch) {
      return new InvalidEpoch(
          "producer " + producerId + " sent epoch " + batchEpoch + ", the latest is " + epoch);
    }
    if (epoch == RecordBatch.NO_PRODUCER_EPOCH) {
      // Nothing is known, perhaps since retention took it: any sequence starts a new history.
      return Accept.INSTANCE;
    }
    if (batchEpoch != epoch) {
      return firstSequence == 0
          ? Accept.INSTANCE
          : new OutOfOrderSequence(
              "producer "
                  + producerId
                  + " began epoch "
                  + batchEpoch
                  + " with sequence "
                  + firstSequence);
    }
    boolean next =
        firstSequence == lastSequence + 1L
            || (firstSequence == 0 && lastSequence == Integer.MAX_VALUE);
    return next
        ? Accept.INSTANCE
        : new OutOfOrderSequence(
            "producer "
                + producerId
                + " sent sequence "
                + firstSequence
                + " after "
                + lastSequence);
  }

  /**
   * Notes a batch that has been written, with its final offsets; also those of other leaders and of
   * recovery, which are not checked. Returns the transaction that the batch, a marker, has ended.
   */
  public @Nullable CompletedTransaction update(ByteBuffer records, int position, long nowMs) {
    long producerId = RecordBatch.producerId(records, position);
    if (producerId <= RecordBatch.NO_PRODUCER_ID) {
      return null;
    }
    if (RecordBatch.isControl(records, position)) {
      @Nullable ControlRecord marker = ControlRecord.read(records, position);
      return marker == null || !marker.endsTransaction()
          ? null
          : endTransaction(touch(producerId, nowMs), records, position, marker);
    }
    ProducerEntry entry = touch(producerId, nowMs);
    long baseOffset = RecordBatch.baseOffset(records, position);
    int lastOffsetDelta = RecordBatch.lastOffsetDelta(records, position);
    entry.enterEpoch(RecordBatch.producerEpoch(records, position));
    entry.addBatch(
        RecordBatch.lastSequence(records, position),
        baseOffset + lastOffsetDelta,
        lastOffsetDelta,
        RecordBatch.largestTimestamp(records, position));
    if (RecordBatch.isTransactional(records, position) && entry.openTransactionOffset < 0) {
      entry.openTransactionOffset = baseOffset;
      openTransactions.put(baseOffset, producerId);
    }
    return null;
  }

  private @Nullable CompletedTransaction endTransaction(
      ProducerEntry entry, ByteBuffer records, int position, ControlRecord marker) {
    entry.enterEpoch(RecordBatch.producerEpoch(records, position));
    entry.coordinatorEpoch = marker.coordinatorEpoch();
    entry.lastTimestampMs = marker.timestampMs();
    long firstOffset = entry.openTransactionOffset;
    if (firstOffset < 0) {
      return null;
    }
    entry.openTransactionOffset = ProducerEntry.NONE;
    openTransactions.remove(firstOffset);
    long markerOffset = RecordBatch.baseOffset(records, position);
    return new CompletedTransaction(
        entry.producerId,
        firstOffset,
        markerOffset,
        marker.type() == ControlRecord.ABORT,
        openTransactions.isEmpty() ? markerOffset + 1 : openTransactions.firstKey());
  }

  /** The first offset of the oldest open transaction. */
  public OptionalLong firstUndecidedOffset() {
    return openTransactions.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(openTransactions.firstKey());
  }

  public int size() {
    return producers.size();
  }

  /** A copy of everything, by producer id: for DescribeProducers and for a snapshot. */
  public List<ProducerStateView> list() {
    List<ProducerStateView> views = new ArrayList<>(producers.size());
    for (ProducerEntry entry : producers.values()) {
      views.add(entry.view());
    }
    views.sort(Comparator.comparingLong(ProducerStateView::producerId));
    return views;
  }

  /** Forgets the producers that have been silent for too long and have nothing open. */
  public void expire(long nowMs) {
    producers.values().removeIf(entry -> isExpired(entry, nowMs));
  }

  public void clear() {
    producers.clear();
    openTransactions.clear();
  }

  /** Replaces everything by what a snapshot held, without what has expired since. */
  public void load(List<ProducerStateView> snapshot, long nowMs) {
    clear();
    for (ProducerStateView view : snapshot) {
      ProducerEntry entry = ProducerEntry.of(view, nowMs);
      if (isExpired(entry, nowMs)) {
        continue;
      }
      producers.put(entry.producerId, entry);
      if (entry.openTransactionOffset >= 0) {
        openTransactions.put(entry.openTransactionOffset, entry.producerId);
      }
    }
    evictBeyondLimit();
  }

  /**
   * Takes over the batches before the last one of each producer, which a snapshot does not hold,
   * from what a replay of the end of the log has found.
   */
  public void remember(ProducerStates replayed) {
    for (ProducerEntry entry : producers.values()) {
      @Nullable ProducerEntry other = replayed.producers.get(entry.producerId);
      if (other != null) {
        entry.remember(other);
      }
    }
  }

  /** Takes over everything, and leaves nothing to the other. */
  public void replaceBy(ProducerStates other) {
    clear();
    producers.putAll(other.producers);
    openTransactions.putAll(other.openTransactions);
    other.clear();
  }

  private boolean isExpired(ProducerEntry entry, long nowMs) {
    return entry.openTransactionOffset < 0 && nowMs - entry.lastSeenMs >= limits.expirationMs();
  }

  private ProducerEntry touch(long producerId, long nowMs) {
    @Nullable ProducerEntry known = producers.remove(producerId);
    ProducerEntry entry = known == null ? new ProducerEntry(producerId) : known;
    entry.lastSeenMs = Math.max(entry.lastSeenMs, nowMs);
    producers.put(producerId, entry);
    if (known == null) {
      evictBeyondLimit();
    }
    return entry;
  }

  private void evictBeyondLimit() {
    Iterator<Map.Entry<Long, ProducerEntry>> eldest = producers.entrySet().iterator();
    int over = producers.size() - limits.producersMax();
    // Never the newest: it is about to be written to.
    for (int left = producers.size() - 1; over > 0 && left > 0; left--) {
      if (eldest.next().getValue().openTransactionOffset < 0) {
        eldest.remove();
        over--;
      }
    }
  }
}
