package io.penstock.node.api.data;

import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.RecordTimestamps;
import io.penstock.storage.log.BatchTimestampScanner;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets storage find a record by time inside a batch, also a compressed one. Where the records of a
 * batch cannot be read, because their producer wrote nonsense, its header answers for them.
 */
public final class RecordTimeScanner implements BatchTimestampScanner {

  private static final Logger LOG = LoggerFactory.getLogger(RecordTimeScanner.class);

  /** What one batch may unpack to; larger ones are answered by their header. */
  private static final long UNPACKED_BYTES_MAX = 256L << 20;

  @Override
  public Optional<Found> firstAtOrAfter(ByteBuffer batch, long timestampMs) {
    try {
      return RecordTimestamps.firstAtOrAfter(batch, timestampMs, UNPACKED_BYTES_MAX)
          .map(found -> new Found(found.offset(), found.timestampMs()));
    } catch (MalformedFrameException unreadable) {
      LOG.warn("Records of a stored batch cannot be read: {}", unreadable.getMessage());
      return HEADERS_ONLY.firstAtOrAfter(batch, timestampMs);
    }
  }
}
