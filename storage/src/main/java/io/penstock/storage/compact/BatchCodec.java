package io.penstock.storage.compact;

import io.penstock.storage.batch.MalformedRecordsException;
import java.nio.ByteBuffer;

/**
 * Unpacks and packs the records of compressed batches, for storage has no codecs. Called by the
 * cleaner's threads, several at a time.
 */
public interface BatchCodec {

  /** Knows no codec: compressed batches stay as they are. */
  BatchCodec NONE = new NoCodec();

  /**
   * Appends the records that were packed to a buffer.
   *
   * @param codec as {@code RecordBatch.codec} has it, never 0
   * @param packed the body of the batch, from position to limit
   * @param bytesMax what they may unpack to
   */
  void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax)
      throws MalformedRecordsException;

  /** Packs records, from position to limit, with the codec's default level. */
  void pack(int codec, ByteBuffer records, ScratchBuffer into) throws MalformedRecordsException;
}
