package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Answers for a batch by its header alone. */
final class HeaderTimestampScanner implements BatchTimestampScanner {
  @Override
  public Optional<Found> firstAtOrAfter(ByteBuffer batch, long timestampMs) {
    long maxTimestampMs = RecordBatch.maxTimestamp(batch, batch.position());
    if (maxTimestampMs < timestampMs) {
      return Optional.empty();
    }
    return Optional.of(new Found(RecordBatch.baseOffset(batch, batch.position()), maxTimestampMs));
  }
}
