package io.penstock.storage.log;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Finds a record by time inside one batch. Storage has no codecs, hence whoever has them passes an
 * implementation that can look into compressed batches; {@link #HEADERS_ONLY} answers for the batch
 * as a whole.
 */
public interface BatchTimestampScanner {

  /** Offset and timestamp of a record. */
  record Found(long offset, long timestampMs) {}

  /**
   * The first record of the batch whose timestamp is at least the one asked for.
   *
   * @param batch one whole batch, from its position to its limit
   */
  Optional<Found> firstAtOrAfter(ByteBuffer batch, long timestampMs);

  /** Knows only headers: the first record of the batch, at the batch's largest timestamp. */
  BatchTimestampScanner HEADERS_ONLY = new HeaderTimestampScanner();
}
