package io.penstock.storage.log;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.RecordCursor;
import io.penstock.storage.compact.CleanedTransactions;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.OffsetMap;
import io.penstock.storage.compact.UnpackedRecords;
import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes through the dirty part of a log and notes the last offset of each key, as far as the map has
 * room, and there is memory to look into batches. What of it cannot be read overwrites nothing. One
 * cleaning's.
 */
final class DirtyKeys {
  private final OffsetMap map;
  private final long from;
  private final long to;
  private final UnpackedRecords records;
  private final WholeBatches reader;

  /**
   * @param from where the log begins to be dirty
   * @param to where what may be cleaned ends, which is where a segment does
   */
  DirtyKeys(OffsetMap map, CleanerTools tools, CleaningTotals totals, long from, long to) {
    this.map = map;
    this.from = from;
    this.to = to;
    this.records = new UnpackedRecords(tools);
    this.reader = new WholeBatches(tools, totals);
  }

  /** Returns the offset behind what the map could hold, and there was memory to look into. */
  long note(Segments segments) throws StorageException, CleaningAbortedException {
    // One that ended before has no marker behind here: it would never be seen to end.
    List<AbortedTransaction> recent = new ArrayList<>(segments.aborted());
    recent.removeIf(transaction -> transaction.lastOffset() < from);
    CleanedTransactions transactions = new CleanedTransactions(recent);
    for (int i = segments.floorIndex(from); i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (segment.baseOffset() >= to) {
        break;
      }
      if (!reader.each(segment, (buffer, at) -> noteBatch(transactions, buffer, at))) {
        return endOfFull(segment);
      }
    }
    map.noted(to - 1);
    return to;
  }

  private long endOfFull(LogSegment segment) throws CorruptFileException {
    if (map.latestOffset() < from) {
      throw new CorruptFileException(
          "The keys of one batch do not fit into " + map.bytes() + " bytes",
          segment.logPath(),
          "give the cleaner more memory");
    }
    return map.latestOffset() + 1;
  }

  /** False where it is not known in full, and with it nothing behind it. */
  private boolean noteBatch(CleanedTransactions transactions, ByteBuffer buffer, int at) {
    long lastOffset = RecordBatch.lastOffset(buffer, at);
    if (lastOffset < from) {
      return true;
    }
    if (!isLeftOut(transactions, buffer, at) && !noteRecords(buffer, at)) {
      return false;
    }
    map.noted(lastOffset);
    return true;
  }

  /** Markers have no keys of the topic's, and what was aborted overwrites nothing. */
  private static boolean isLeftOut(CleanedTransactions transactions, ByteBuffer buffer, int at) {
    if (RecordBatch.isControl(buffer, at)) {
      boolean _ = transactions.isMarkerOfNothing(buffer, at);
      return true;
    }
    return transactions.isAborted(buffer, at);
  }

  private boolean noteRecords(ByteBuffer buffer, int at) {
    try {
      records.of(buffer, at);
      records.check(); // what cannot be read must overwrite nothing
      return noteReadable(RecordBatch.baseOffset(buffer, at));
    } catch (MalformedRecordsException unreadable) {
      records.release();
      return true; // it stays whole, and is counted when it is copied
    } catch (OutOfMemoryError scarce) {
      // It may be read next time, and what it overwrites must go then: it has to stay dirty.
      records.release();
      if (map.latestOffset() < from) {
        throw scarce;
      }
      return false;
    }
  }

  private boolean noteReadable(long baseOffset) throws MalformedRecordsException {
    RecordCursor cursor = records.records();
    while (cursor.next()) {
      long offset = baseOffset + cursor.offsetDelta();
      if (cursor.hasKey()
          && offset >= from
          && !map.put(records.buffer(), cursor.keyAt(), cursor.keyBytes(), offset)) {
        return false;
      }
    }
    return true;
  }
}
