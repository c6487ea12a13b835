package io.penstock.node.api.data;

import io.penstock.storage.batch.RecordBatch;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The part of Kafka's rules for produced records that belongs to the request, not to the log: since
 * version 3 exactly one batch of format v2 for each partition, zstd only since version 7, and no
 * transactional batch, because there is no transaction coordinator that could end what it begins.
 * Looks at the header only; the log checks the rest. Pure.
 */
record ProduceBatch(Errors error, String message) {

  private static final int ZSTD = 4;
  private static final short FIRST_WITH_ZSTD = 7;
  private static final int SHORTEST_LENGTH =
      RecordBatch.HEADER_BYTES - RecordBatch.LOG_OVERHEAD_BYTES;

  /** What is wrong with the records, or null. */
  static @Nullable ProduceBatch problem(
      @Nullable ByteBuffer records, short version, @Nullable String transactionalId) {
    if (records == null) {
      return invalid("Produce requests must have records for every partition");
    }
    int position = records.position();
    if (records.remaining() < RecordBatch.HEADER_BYTES) {
      return invalid("Produce requests must have exactly one whole batch for each partition");
    }
    if (RecordBatch.magic(records, position) != RecordBatch.MAGIC_V2) {
      return invalid("Only record batches of magic 2 are taken");
    }
    if (RecordBatch.batchLength(records, position) < SHORTEST_LENGTH) {
      return new ProduceBatch(Errors.CORRUPT_MESSAGE, "The batch is shorter than its own header");
    }
    if (RecordBatch.sizeInBytes(records, position) != records.remaining()) {
      return invalid("Produce requests must have exactly one whole batch for each partition");
    }
    if (version < FIRST_WITH_ZSTD && RecordBatch.codec(records, position) == ZSTD) {
      return new ProduceBatch(
          Errors.UNSUPPORTED_COMPRESSION_TYPE, "Produce requests below version 7 may not use zstd");
    }
    if (RecordBatch.isTransactional(records, position)) {
      return transactional(transactionalId);
    }
    return null;
  }

  /**
   * The codes that a Kafka broker has for these cases, and that clients take as final: a
   * transactional batch without an id may not be written by anybody; with one, the partition was
   * never added to a transaction.
   */
  private static ProduceBatch transactional(@Nullable String transactionalId) {
    return transactionalId == null
        ? new ProduceBatch(
            Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            "A transactional batch needs a transactional id")
        : new ProduceBatch(
            Errors.INVALID_TXN_STATE, "Transactions are not available in this version");
  }

  private static ProduceBatch invalid(String message) {
    return new ProduceBatch(Errors.INVALID_RECORD, message);
  }
}
