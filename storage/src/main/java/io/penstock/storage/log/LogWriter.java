package io.penstock.storage.log;

import io.penstock.storage.batch.BatchCheck;
import io.penstock.storage.batch.BatchError;
import io.penstock.storage.batch.BatchLimits;
import io.penstock.storage.batch.BatchValidator;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome.Appended;
import io.penstock.storage.log.AppendOutcome.Duplicate;
import io.penstock.storage.log.AppendOutcome.Rejected;
import io.penstock.storage.producer.CompletedTransaction;
import io.penstock.storage.producer.ProducerCheck;
import io.penstock.storage.producer.ProducerStateView;
import io.penstock.storage.producer.ProducerStates;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a log that grows: checks, assigns, writes, rolls. Its monitor makes the caller and the
 * background's rare roll of an idle log exclude each other; under it, nothing waits for the disk
 * but the write. After a failed write nothing of it is published, and the next append first cuts
 * what the failed one may have left.
 */
final class LogWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  private final LogState state;
  private final SegmentSupply supply;
  private final LogFlusher flusher;
  private final ByteBuffer[] source = new ByteBuffer[1];
  private final KeyCheck keys = new KeyCheck();
  private boolean needsRepair;
  private long gapFrom = -1;
  private long gapTo = -1;

  LogWriter(LogState state, SegmentSupply supply, LogFlusher flusher) {
    this.state = state;
    this.supply = supply;
    this.flusher = flusher;
  }

  synchronized AppendOutcome appendAsLeader(ByteBuffer records, int leaderEpoch, long nowMs)
      throws StorageException {
    state.checkOpen();
    AppendOutcome refused = checkProduced(records, nowMs);
    if (refused != null) {
      return refused;
    }
    boolean appendTime = state.settings.logAppendTime();
    long first = state.end.offset();
    long next = first;
    for (int at = records.position(); at < records.limit(); ) {
      RecordBatch.patch(records, at, next, leaderEpoch);
      if (appendTime) {
        RecordBatch.patchLogAppendTime(records, at, nowMs);
      }
      next += RecordBatch.lastOffsetDelta(records, at) + 1L;
      at += RecordBatch.sizeInBytes(records, at);
    }
    write(records, first, next - 1, nowMs);
    return new Appended(
        first, next - 1, appendTime ? nowMs : AppendOutcome.NO_APPEND_TIME, state.logStartOffset);
  }

  synchronized AppendOutcome appendAsFollower(ByteBuffer records, int leaderEpoch)
      throws StorageException {
    state.checkOpen();
    int limit = records.limit();
    long next = state.end.offset();
    int lastEpoch = state.epochs.epochAt(next - 1);
    long first = -1;
    boolean gaps = false;
    int at = records.position();
    while (isWholeBatch(records, at)) {
      Rejected refused = checkFetched(records, at, next, lastEpoch, leaderEpoch);
      if (refused != null) {
        return refused;
      }
      long baseOffset = RecordBatch.baseOffset(records, at);
      long lastOffset = RecordBatch.lastOffset(records, at);
      boolean isBehindGap = baseOffset > next && !isBelieved(next, baseOffset);
      if (isBehindGap && first < 0) {
        return new Rejected(
            AppendError.UNEXPECTED_OFFSET, "offset " + baseOffset + " where " + next + " is next");
      }
      if (isBehindGap || (first >= 0 && lastOffset - first > Integer.MAX_VALUE)) {
        break; // No segment reaches over the latter. What follows comes again.
      }
      first = first < 0 ? baseOffset : first;
      gaps |= baseOffset > next;
      next = lastOffset + 1;
      lastEpoch = Math.max(lastEpoch, RecordBatch.partitionLeaderEpoch(records, at));
      at += RecordBatch.sizeInBytes(records, at);
    }
    if (first < 0) {
      return new Rejected(
          AppendError.CORRUPT, "no whole batch in " + (limit - records.position()) + " bytes");
    }
    if (gaps) {
      state.meetsGap();
    }
    records.limit(at);
    try {
      write(records, first, next - 1, state.services.clock().getAsLong());
    } finally {
      records.limit(limit);
    }
    return new Appended(first, next - 1, AppendOutcome.NO_APPEND_TIME, state.logStartOffset);
  }

  /**
   * Whether a batch may leave a gap before it. Compaction makes them; elsewhere it may be a batch
   * whose offset was damaged on its way, which its CRC does not cover, and is believed when it
   * comes again: the topic may have been compacted once.
   */
  private boolean isBelieved(long next, long baseOffset) {
    boolean again = next == gapFrom && baseOffset == gapTo;
    gapFrom = next;
    gapTo = baseOffset;
    return again || state.settings.compactPolicy();
  }

  /**
   * What a leader sends is judged no more, but it must be whole, continue this log, and be of no
   * leader after the one that was asked: a deposed leader may have cut its log and written what its
   * successor sent while the kernel was still sending from the same place.
   */
  private static @Nullable Rejected checkFetched(
      ByteBuffer records, int at, long next, int lastEpoch, int leaderEpoch) {
    if (BatchValidator.checkStored(records, at) instanceof BatchCheck.Invalid invalid) {
      return new Rejected(errorOf(invalid.error()), invalid.message());
    }
    long baseOffset = RecordBatch.baseOffset(records, at);
    if (baseOffset < next) {
      return new Rejected(
          AppendError.UNEXPECTED_OFFSET, "offset " + baseOffset + " where " + next + " is next");
    }
    int epoch = RecordBatch.partitionLeaderEpoch(records, at);
    if (epoch > leaderEpoch || (epoch >= 0 && epoch < lastEpoch)) {
      return new Rejected(
          AppendError.CORRUPT,
          "epoch " + epoch + " behind epoch " + lastEpoch + ", of the leader of " + leaderEpoch);
    }
    return null;
  }

  private static boolean isWholeBatch(ByteBuffer records, int at) {
    int left = records.limit() - at;
    if (left < RecordBatch.HEADER_BYTES) {
      return false;
    }
    long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(records, at);
    return size <= left;
  }

  // Checks -----------------------------------------------------------------------------------

  private @Nullable AppendOutcome checkProduced(ByteBuffer records, long nowMs) {
    LogSettings settings = state.settings;
    int start = records.position();
    int bytes = records.remaining();
    if (bytes == 0) {
      return new Rejected(AppendError.CORRUPT, "no batch");
    }
    BatchLimits limits =
        new BatchLimits(
            settings.batchBytesMax(),
            settings.logAppendTime(),
            settings.timestampBeforeMaxMs(),
            settings.timestampAfterMaxMs());
    for (int at = start; at < records.limit(); at += RecordBatch.sizeInBytes(records, at)) {
      if (BatchValidator.check(records, at, limits, nowMs) instanceof BatchCheck.Invalid invalid) {
        return new Rejected(errorOf(invalid.error()), invalid.message());
      }
      AppendOutcome refused = settings.compactPolicy() ? keys.check(records, at) : null;
      if (refused == null && RecordBatch.hasProducerId(records, at)) {
        refused = checkProducer(records, start, at);
      }
      if (refused != null) {
        return refused;
      }
    }
    return bytes <= settings.segmentBytes()
        ? null
        : new Rejected(
            AppendError.TOO_LARGE,
            bytes + " bytes of batches, a segment takes " + settings.segmentBytes());
  }

  private @Nullable AppendOutcome checkProducer(ByteBuffer records, int start, int at) {
    ProducerCheck check = state.withProducers(producers -> producers.check(records, start, at));
    return switch (check) {
      case ProducerCheck.Accept _ -> null;
      case ProducerCheck.Duplicate(long first, long last, long timestampMs) ->
          new Duplicate(
              first,
              last,
              state.settings.logAppendTime() ? timestampMs : AppendOutcome.NO_APPEND_TIME,
              state.logStartOffset);
      case ProducerCheck.OutOfOrderSequence(String message) ->
          new Rejected(AppendError.OUT_OF_ORDER_SEQUENCE, message);
      case ProducerCheck.InvalidEpoch(String message) ->
          new Rejected(AppendError.INVALID_PRODUCER_EPOCH, message);
      case ProducerCheck.InvalidTransactionState(String message) ->
          new Rejected(AppendError.INVALID_TRANSACTION_STATE, message);
    };
  }

  private static AppendError errorOf(BatchError error) {
    return switch (error) {
      case CORRUPT -> AppendError.CORRUPT;
      case UNSUPPORTED_MAGIC -> AppendError.UNSUPPORTED_MAGIC;
      case TOO_LARGE -> AppendError.TOO_LARGE;
      case INVALID_RECORD -> AppendError.INVALID_RECORD;
      case INVALID_TIMESTAMP -> AppendError.INVALID_TIMESTAMP;
      case UNSUPPORTED_CODEC -> AppendError.UNSUPPORTED_CODEC;
    };
  }

  // Writing ----------------------------------------------------------------------------------

  private void write(ByteBuffer records, long first, long last, long nowMs)
      throws StorageException {
    try {
      repairIfNeeded();
      rollIfDue(records, first, last, nowMs);
      LogEnd before = state.end;
      needsRepair = true;
      source[0] = records;
      before.segment().write(source, 1, before.position());
      LogEnd after = note(records, before, last, nowMs);
      needsRepair = false;
      publish(after, records.remaining(), nowMs);
    } catch (DiskFullException full) {
      repairQuietly();
      throw full;
    } catch (StorageException failure) {
      report(failure);
      throw failure;
    }
  }

  /** A disk that fails fails for all its logs. */
  private void report(StorageException failure) {
    if (!(failure instanceof CorruptFileException) && !(failure instanceof DiskFullException)) {
      state.services.onDiskFailure().accept(failure);
    }
  }

  /** Brings everything but the published end up to what was written. */
  private LogEnd note(ByteBuffer records, LogEnd before, long last, long nowMs)
      throws StorageException {
    LogSegment segment = before.segment();
    int interval = state.settings.indexIntervalBytes();
    int position = before.position();
    for (int at = records.position(); at < records.limit(); ) {
      int size = RecordBatch.sizeInBytes(records, at);
      segment.noteBatch(records, at, position, interval);
      position += size;
      at += size;
    }
    for (int at = records.position();
        at < records.limit();
        at += RecordBatch.sizeInBytes(records, at)) {
      noteEpochAndProducer(records, at, nowMs);
    }
    return new LogEnd(last + 1, segment, position);
  }

  private void noteEpochAndProducer(ByteBuffer records, int at, long nowMs) {
    int epoch = RecordBatch.partitionLeaderEpoch(records, at);
    if (epoch >= 0) {
      state.assignEpoch(epoch, RecordBatch.baseOffset(records, at));
    }
    if (RecordBatch.hasProducerId(records, at)) {
      // Aborted transactions are indexed once transactions are served.
      state.<@Nullable CompletedTransaction>withProducers(
          producers -> producers.update(records, at, nowMs));
    }
  }

  private void publish(LogEnd after, int bytes, long nowMs) {
    state.lastAppendMs = nowMs;
    state.bytesAppended.addAndGet(bytes);
    state.appended(after);
    supply.appended(after);
    flusher.appended(after, bytes);
  }

  // Rolling ----------------------------------------------------------------------------------

  private void rollIfDue(ByteBuffer records, long first, long last, long nowMs)
      throws StorageException {
    LogEnd end = state.end;
    if (isRollDue(records, end, last, nowMs)) {
      roll(first);
    }
  }

  private boolean isRollDue(ByteBuffer records, LogEnd end, long last, long nowMs)
      throws StorageException {
    LogSegment segment = end.segment();
    if (last - segment.baseOffset() > Integer.MAX_VALUE) {
      return true;
    }
    if (end.position() == 0) {
      return false;
    }
    LogSettings settings = state.settings;
    return (long) end.position() + records.remaining() > settings.segmentBytes()
        || segment.isFull()
        || isOld(records, segment, settings, nowMs);
  }

  private boolean isOld(ByteBuffer records, LogSegment segment, LogSettings settings, long nowMs)
      throws StorageException {
    long largest = RecordBatch.largestTimestamp(records, records.position());
    boolean timed = largest >= 0 && segment.times().firstMs() >= 0;
    long age = (timed ? largest : nowMs) - segment.rollBaseMs();
    return age > settings.rollMs() - jitterMs(settings, segment);
  }

  /** The same for one segment each time it is asked, different among logs. */
  private long jitterMs(LogSettings settings, LogSegment segment) {
    long bound = Math.min(settings.segmentJitterMs(), settings.rollMs());
    if (bound <= 0) {
      return 0;
    }
    long mixed = (state.id.hashCode() * 31L + segment.baseOffset()) * 0x9E3779B97F4A7C15L;
    return Math.floorMod(mixed, bound);
  }

  /** Makes a new segment active; the old one is sealed in the background. */
  private void roll(long baseOffset) throws StorageException {
    LogEnd end = state.end;
    LogSegment old = end.segment();
    LogSegment next = supply.next(baseOffset);
    state.segments.updateAndGet(segments -> segments.plus(next));
    LogEnd rolled = new LogEnd(end.offset(), next, 0);
    state.end = rolled;
    state.services.metrics().rolls().inc();
    List<ProducerStateView> producers = state.withProducers(ProducerStates::list);
    flusher.rolled(rolled, producers);
    LOG.debug("Rolled: partition={} segment={} bytes={}", state.id, baseOffset, old.sizeBytes());
  }

  /** Rolls a log that has no appends, so that its last records can be deleted too. */
  synchronized boolean rollIdle(LogEnd expected) throws StorageException {
    if (state.closed || needsRepair || !state.end.isSame(expected) || expected.position() == 0) {
      return false;
    }
    roll(expected.offset());
    return true;
  }

  // Repair -----------------------------------------------------------------------------------

  private void repairIfNeeded() throws StorageException {
    if (!needsRepair) {
      return;
    }
    LogEnd end = state.end;
    end.segment().repairTo(end.offset(), end.position());
    supply.roomGivenBack();
    needsRepair = false;
    state.services.metrics().repairs().inc();
    LOG.info("Cut off a failed append: partition={} end={}", state.id, end.offset());
  }

  private void repairQuietly() {
    try {
      repairIfNeeded();
    } catch (StorageException later) {
      LOG.warn(
          "Cannot cut off a failed append yet: partition={} cause={}",
          state.id,
          later.getMessage());
    }
  }

  /** Changes the log's end by other means, between appends. */
  synchronized void exclusively(StorageTask change) throws StorageException {
    state.checkOpen();
    try {
      repairIfNeeded();
      change.run();
    } catch (StorageException failure) {
      // After a failed fsync nobody knows what the disk has: a cut may come back.
      report(failure);
      throw failure;
    }
    supply.roomGivenBack();
  }

  /** After this no append is taken, and what a failed one left stays. False if closed already. */
  synchronized boolean abandon() {
    boolean open = !state.closed;
    state.abandoned = true;
    state.closed = true;
    supply.abandon();
    return open;
  }

  /** After this no append is taken. False if closed already. */
  synchronized boolean close() throws StorageException {
    if (state.closed) {
      return false;
    }
    if (needsRepair) {
      repairQuietly();
    }
    state.closed = true;
    supply.drop();
    return true;
  }
}
