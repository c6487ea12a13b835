package io.penstock.storage.batch;

/**
 * Why a batch was refused. A new constant needs one of {@code AppendError} in {@code storage.log},
 * which {@code LogWriter} maps it to, and that one needs its Kafka code in {@code ApiErrors} of the
 * node; the compiler asks for both.
 */
public enum BatchError {
  /** The bytes are damaged: cut off, of an impossible length, or not what their checksum says. */
  CORRUPT,
  /** The batch is of a message format that is not stored here (v0 or v1), or of none. */
  UNSUPPORTED_MAGIC,
  /** The batch has more bytes than its topic takes. */
  TOO_LARGE,
  /** The header contradicts itself, or asks for what clients may not do. */
  INVALID_RECORD,
  /** The timestamps are impossible, or too far from the broker's clock. */
  INVALID_TIMESTAMP,
  /** The compression codec is not defined. */
  UNSUPPORTED_CODEC
}
