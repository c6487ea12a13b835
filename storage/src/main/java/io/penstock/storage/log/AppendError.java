package io.penstock.storage.log;

/**
 * Why an append was refused; nothing of the refused buffer has been written. What this is called in
 * the Kafka protocol is said by {@code ApiErrors} of the node, where a new constant needs its line.
 */
public enum AppendError {
  CORRUPT,
  UNSUPPORTED_MAGIC,
  TOO_LARGE,
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  UNSUPPORTED_CODEC,
  /** A follower was handed batches that do not continue its log. */
  UNEXPECTED_OFFSET,
  OUT_OF_ORDER_SEQUENCE,
  DUPLICATE_SEQUENCE,
  INVALID_PRODUCER_EPOCH,
  UNKNOWN_PRODUCER_ID,
  INVALID_TRANSACTION_STATE;
}
