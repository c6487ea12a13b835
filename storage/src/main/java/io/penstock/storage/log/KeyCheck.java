package io.penstock.storage.log;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.RecordCursor;
import io.penstock.storage.log.AppendOutcome.Rejected;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses records without a key where the log is compacted, as Kafka does: nothing could ever
 * overwrite them. Guarded by the writer's monitor.
 *
 * <p>Compressed batches are let pass. Why: to look into them would unpack each batch of a compacted
 * topic on an event loop, which costs several times what its append does, and clients that compress
 * are those that batch most. A record without a key in one of them is removed by the cleaner, which
 * counts it and says so.
 */
final class KeyCheck {
  private final RecordCursor cursor = new RecordCursor();

  @Nullable Rejected check(ByteBuffer records, int at) {
    if (RecordBatch.codec(records, at) != 0) {
      return null;
    }
    try {
      cursor.overBatch(records, at);
      for (int i = 0; cursor.next(); i++) {
        if (!cursor.hasKey()) {
          return new Rejected(
              AppendError.INVALID_RECORD,
              "Compacted topic cannot accept message without key: record " + i + " of the batch");
        }
      }
      return null;
    } catch (MalformedRecordsException malformed) {
      return new Rejected(AppendError.INVALID_RECORD, String.valueOf(malformed.getMessage()));
    }
  }
}
