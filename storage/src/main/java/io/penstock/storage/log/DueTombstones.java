package io.penstock.storage.log;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.RecordCursor;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.OffsetMap;
import io.penstock.storage.compact.UnpackedRecords;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;

/**
 * Looks in the clean part of a log for tombstones whose time has come, and notes their keys: they
 * may go only with a cleaning that takes along whatever they delete, which an earlier one may have
 * been unable to read. After the keys of the dirty part, with the room that those leave; a
 * tombstone for which there is none, or whose batch cannot be read, stays until a later cleaning.
 * One cleaning's.
 */
final class DueTombstones {
  private final OffsetMap map;
  private final long nowMs;
  private final UnpackedRecords records;
  private final WholeBatches reader;

  DueTombstones(OffsetMap map, CleanerTools tools, CleaningTotals totals, long nowMs) {
    this.map = map;
    this.nowMs = nowMs;
    this.records = new UnpackedRecords(tools);
    this.reader = new WholeBatches(tools, totals);
  }

  /**
   * Notes those in the batches that begin below an offset, until there is no room. Where it has
   * ended nobody needs to know: whatever stays is met again when it is copied, and the next
   * cleaning that is due looks for it.
   */
  void note(Segments segments, long below) throws StorageException, CleaningAbortedException {
    for (LogSegment segment : segments.all()) {
      if (segment.baseOffset() >= below) {
        return;
      }
      boolean roomForAll =
          reader.each(
              segment,
              (buffer, at) ->
                  RecordBatch.baseOffset(buffer, at) >= below
                      || !isDue(buffer, at)
                      || noteBatch(buffer, at, below));
      if (!roomForAll) {
        return;
      }
    }
  }

  private boolean isDue(ByteBuffer buffer, int at) {
    return RecordBatch.hasDeleteHorizon(buffer, at)
        && RecordBatch.baseTimestamp(buffer, at) <= nowMs
        && !RecordBatch.isControl(buffer, at);
  }

  /** None that has its time was aborted, or it would have been emptied instead. */
  private boolean noteBatch(ByteBuffer buffer, int at, long below) {
    try {
      records.of(buffer, at);
      records.check(); // what cannot be read stays, and must take nothing along
      return noteReadable(RecordBatch.baseOffset(buffer, at), below);
    } catch (MalformedRecordsException | OutOfMemoryError unreadable) {
      records.release();
      return true;
    }
  }

  private boolean noteReadable(long baseOffset, long below) throws MalformedRecordsException {
    RecordCursor cursor = records.records();
    while (cursor.next()) {
      long offset = baseOffset + cursor.offsetDelta();
      if (cursor.hasKey()
          && !cursor.hasValue()
          && offset < below
          && !map.put(records.buffer(), cursor.keyAt(), cursor.keyBytes(), offset)) {
        return false;
      }
    }
    return true;
  }
}
