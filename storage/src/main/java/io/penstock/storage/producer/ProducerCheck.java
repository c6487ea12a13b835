package io.penstock.storage.producer;

/** What {@link ProducerStates} says to a producer's batch. */
public sealed interface ProducerCheck {

  /** The batch is next in sequence, or has no producer id. */
  record Accept() implements ProducerCheck {
    static final Accept INSTANCE = new Accept();
  }

  /**
   * The batch is stored already; it is answered as the first time. One that is too old to be
   * remembered has base offset -1, and its last offset is at most the one given.
   */
  record Duplicate(long baseOffset, long lastOffset, long logAppendTimeMs)
      implements ProducerCheck {}

  /** Batches before this one are missing. */
  record OutOfOrderSequence(String message) implements ProducerCheck {}

  /** A newer incarnation of the producer has written already. */
  record InvalidEpoch(String message) implements ProducerCheck {}

  /** Records outside a transaction while the producer has one open. */
  record InvalidTransactionState(String message) implements ProducerCheck {}
}
