package io.penstock.storage.producer;

/**
 * What is known of one producer: exactly the fields of an entry in Kafka's snapshot. {@code
 * lastSequence}, {@code lastOffset} and {@code offsetDelta} describe its last batch and are -1, -1
 * and 0 where there is none in this epoch; {@code openTransactionOffset} is -1 outside a
 * transaction.
 */
public record ProducerStateView(
    long producerId,
    short producerEpoch,
    int lastSequence,
    long lastOffset,
    int offsetDelta,
    long lastTimestampMs,
    int coordinatorEpoch,
    long openTransactionOffset) {}
