package io.penstock.storage.producer;

/**
 * A transaction that a marker has just ended: its first record, the marker's offset, how it ended,
 * and the last stable offset from then on, without regard to the high watermark.
 */
public record CompletedTransaction(
    long producerId, long firstOffset, long lastOffset, boolean aborted, long lastStableOffset) {}
