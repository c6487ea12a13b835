package io.penstock.storage.compact;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.RecordCursor;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Takes out of batches what later records have overwritten, by Kafka's rules. What stays keeps its
 * offset, and its batch the sequence numbers: a batch loses records from its middle, and of the
 * last batch of a producer, or of the cleaned range, the empty header stays.
 *
 * <p>A tombstone, and a marker of a transaction that has no records any more, goes in two steps
 * (KIP-534): the cleaning that first finds it bound to go writes into its batch the time at which
 * it may, which is {@code delete.retention.ms} later; one after that time takes it out. The time
 * stands in the place of the batch's base timestamp, so the deltas of its records change.
 *
 * <p>Invariant: a tombstone goes only when nothing before it has its key any longer, or what was
 * deleted would come back. So it goes only with a cleaning that takes whatever it deletes along:
 * whose map has its key, and that looked into all batches before it. That an earlier cleaning gave
 * it its time says nothing: that may have been the leader's, of whose log this one is a copy.
 *
 * <p>Nor does a tombstone get its time behind a batch that stayed whole. One that was passed over
 * like that, or was itself in such a batch, is found without a time in the clean part once
 * everything can be read: from there on the log is dirty again ({@link #cleanedTo}).
 *
 * <p>One thread's, for one cleaning.
 */
public final class BatchCleaner {
  private static final int VARINT_BYTES_MAX = 5;
  private static final int VARLONG_BYTES_MAX = 10;

  private final CleaningRound round;
  private final OffsetMap map;
  private final CleanedTransactions transactions;
  private final BatchCodec codec;
  private final UnpackedRecords records;
  private final CleaningTotals totals;
  private final ScratchBuffer kept;
  private final BitSet keptRecords = new BitSet();

  private boolean changed;

  /** Whether a batch before could not be looked into: it may hold any key. */
  private boolean keptWhole;

  /** Where the first tombstone is of which it is not known whether it has overwritten all. */
  private long undatedFrom = Long.MAX_VALUE;

  private long firstHorizonMs = Long.MAX_VALUE;

  // What the look at a batch has found.
  private int keptCount;
  private boolean keptTombstone;
  private long keptMaxTimestamp;

  public BatchCleaner(
      CleaningRound round,
      OffsetMap map,
      CleanedTransactions transactions,
      CleanerTools tools,
      CleaningTotals totals) {
    this.round = round;
    this.map = map;
    this.transactions = transactions;
    this.codec = tools.codec();
    this.kept = tools.repacked();
    this.records = new UnpackedRecords(tools);
    this.totals = totals;
  }

  /** Whether any batch did not stay as it was, since this was last asked. */
  public boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** How far the log is clean, when all up to an offset was given to {@link #clean}. */
  public long cleanedTo(long end) {
    return Math.min(end, undatedFrom);
  }

  /** When the first of the tombstones may go that were met and stayed, or may have. */
  public long firstHorizonMs() {
    return firstHorizonMs;
  }

  /**
   * Appends what stays of a batch, of a log whose batches come in order and from the first one;
   * nothing where none of it does. One whose records cannot be read, or unpack to more than they
   * may, stays as it is: else no cleaning would ever get past it. So does one for whose bytes the
   * system refuses memory outside of the heap; where the heap has none, the process ends.
   */
  public void clean(ByteBuffer batches, int at, ScratchBuffer into) {
    int start = into.size();
    boolean before = changed;
    long recordsKept = totals.recordsKept;
    long keyless = totals.keyless;
    try {
      cleanReadable(batches, at, into);
    } catch (MalformedRecordsException | OutOfMemoryError unreadable) {
      records.release();
      kept.release();
      keptWhole = true;
      noteHorizon(batches, at);
      totals.unreadable++;
      totals.recordsKept = recordsKept + Math.max(0, RecordBatch.recordCount(batches, at));
      totals.keyless = keyless;
      changed = before;
      into.cutTo(start);
      into.append(batches, at, RecordBatch.sizeInBytes(batches, at));
    }
  }

  private void cleanReadable(ByteBuffer batches, int at, ScratchBuffer into)
      throws MalformedRecordsException {
    int count = Math.max(0, RecordBatch.recordCount(batches, at));
    totals.recordsRead += count;
    boolean control = RecordBatch.isControl(batches, at);
    boolean bound =
        control ? transactions.isMarkerOfNothing(batches, at) : transactions.isAborted(batches, at);
    boolean gone = bound && (!control || round.isPast(batches, at));
    if (gone || count == 0) {
      keepHeader(batches, at, into);
      return;
    }
    if (control) {
      keepMarker(batches, at, bound, into);
      return;
    }
    look(batches, at);
    totals.recordsKept += keptCount;
    if (keptCount == 0) {
      keepHeader(batches, at, into);
      return;
    }
    if (keptTombstone) {
      noteHorizon(batches, at);
    }
    boolean newHorizon = keptTombstone && isToBeDated(batches, at);
    if (keptCount == count && !newHorizon) {
      into.append(batches, at, RecordBatch.sizeInBytes(batches, at));
      return;
    }
    write(batches, at, newHorizon, into);
  }

  /**
   * Whether the tombstones of a batch, the last of their keys, get the time at which they may go.
   */
  private boolean isToBeDated(ByteBuffer batches, int at) {
    if (keptWhole || RecordBatch.hasDeleteHorizon(batches, at)) {
      return false;
    }
    if (round.isClean(batches, at)) {
      undatedFrom = Math.min(undatedFrom, RecordBatch.baseOffset(batches, at));
      return false;
    }
    return true;
  }

  private void noteHorizon(ByteBuffer batches, int at) {
    if (RecordBatch.hasDeleteHorizon(batches, at) && !RecordBatch.isControl(batches, at)) {
      firstHorizonMs = Math.min(firstHorizonMs, RecordBatch.baseTimestamp(batches, at));
    }
  }

  // Batches as a whole -----------------------------------------------------------------------

  /** The empty batch that keeps a producer's last sequence, or the end of the range; or nothing. */
  private void keepHeader(ByteBuffer batches, int at, ScratchBuffer into) {
    changed |= RecordBatch.recordCount(batches, at) > 0;
    if (!round.mustKeep(batches, at)) {
      changed = true;
      return;
    }
    int start = into.size();
    into.append(batches, at, RecordBatch.HEADER_BYTES);
    RecordBatch.makeEmpty(into.content(), start);
  }

  private void keepMarker(ByteBuffer batches, int at, boolean bound, ScratchBuffer into)
      throws MalformedRecordsException {
    int count = RecordBatch.recordCount(batches, at);
    totals.recordsKept += count;
    if (!bound || RecordBatch.hasDeleteHorizon(batches, at)) {
      into.append(batches, at, RecordBatch.sizeInBytes(batches, at));
      return;
    }
    records.of(batches, at);
    keptRecords.clear();
    keptRecords.set(0, count);
    keptCount = count;
    keptMaxTimestamp = RecordBatch.maxTimestamp(batches, at);
    write(batches, at, true, into);
  }

  // Records ----------------------------------------------------------------------------------

  /** Decides which records stay. */
  private void look(ByteBuffer batches, int at) throws MalformedRecordsException {
    long baseOffset = RecordBatch.baseOffset(batches, at);
    long baseTimestamp = RecordBatch.baseTimestamp(batches, at);
    boolean appendTime = RecordBatch.isLogAppendTime(batches, at);
    boolean tombstonesStay =
        keptWhole || !RecordBatch.hasDeleteHorizon(batches, at) || !round.isPast(batches, at);
    keptRecords.clear();
    keptCount = 0;
    keptTombstone = false;
    keptMaxTimestamp =
        appendTime ? RecordBatch.maxTimestamp(batches, at) : RecordBatch.NO_TIMESTAMP;
    if (baseOffset > map.latestOffset()) {
      keepAll(batches, at);
      return;
    }
    records.of(batches, at);
    RecordCursor cursor = records.records();
    for (int i = 0; cursor.next(); i++) {
      if (stays(cursor, baseOffset + cursor.offsetDelta(), tombstonesStay)) {
        keptRecords.set(i);
        keptCount++;
        keptTombstone |= !cursor.hasValue();
        if (!appendTime) {
          keptMaxTimestamp = Math.max(keptMaxTimestamp, baseTimestamp + cursor.timestampDelta());
        }
      }
    }
  }

  /** What lies behind the range that the map knows is left as it is, tombstones too. */
  private void keepAll(ByteBuffer batches, int at) {
    keptCount = RecordBatch.recordCount(batches, at);
  }

  private boolean stays(RecordCursor cursor, long offset, boolean tombstonesStay) {
    if (offset > map.latestOffset()) {
      return true;
    }
    if (!cursor.hasKey()) {
      totals.keyless++;
      return false;
    }
    long last = map.get(records.buffer(), cursor.keyAt(), cursor.keyBytes());
    // One that the map does not know of may have something before it that this cleaning leaves.
    return offset > last || (offset == last && (cursor.hasValue() || tombstonesStay));
  }

  // Writing ----------------------------------------------------------------------------------

  private void write(ByteBuffer batches, int at, boolean newHorizon, ScratchBuffer into)
      throws MalformedRecordsException {
    changed = true;
    int start = into.size();
    into.append(batches, at, RecordBatch.HEADER_BYTES);
    int codecId = RecordBatch.codec(batches, at);
    long shift = newHorizon ? RecordBatch.baseTimestamp(batches, at) - round.horizonMs() : 0;
    if (codecId == 0) {
      copyKept(newHorizon, shift, into);
    } else {
      kept.clear();
      copyKept(newHorizon, shift, kept);
      codec.pack(codecId, kept.content(), into);
    }
    ByteBuffer written = into.content();
    if (newHorizon) {
      RecordBatch.setDeleteHorizon(written, start, round.horizonMs());
      noteHorizon(written, start);
    }
    RecordBatch.shrunk(written, start, into.size() - start, keptCount, keptMaxTimestamp);
  }

  private void copyKept(boolean newBase, long shift, ScratchBuffer into)
      throws MalformedRecordsException {
    RecordCursor cursor = records.records();
    ByteBuffer source = records.buffer();
    for (int i = 0; cursor.next(); i++) {
      if (!keptRecords.get(i)) {
        continue;
      }
      if (newBase) {
        copyWithDelta(source, cursor, cursor.timestampDelta() + shift, into);
      } else {
        into.append(source, cursor.start(), cursor.end() - cursor.start());
      }
    }
  }

  /** The same record with another timestamp delta, hence another length. */
  private static void copyWithDelta(
      ByteBuffer source, RecordCursor cursor, long delta, ScratchBuffer into) {
    int rest = cursor.end() - cursor.behindTimestampAt();
    long zigzag = (delta << 1) ^ (delta >> 63);
    int deltaBytes = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(zigzag) + 6) / 7);
    int length = 1 + deltaBytes + rest;
    ByteBuffer target = into.roomFor(VARINT_BYTES_MAX + 1 + VARLONG_BYTES_MAX + rest);
    putVarlong(target, (long) length << 1);
    target.put((byte) 0); // the attributes of a record: none are defined
    putVarlong(target, zigzag);
    into.append(source, cursor.behindTimestampAt(), rest);
  }

  private static void putVarlong(ByteBuffer target, long zigzag) {
    long left = zigzag;
    while ((left & ~0x7fL) != 0) {
      target.put((byte) (left | 0x80));
      left >>>= 7;
    }
    target.put((byte) left);
  }
}
