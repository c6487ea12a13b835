package io.penstock.storage.index;

/**
 * A transaction that was aborted: its first record, the offset of its marker, and the last stable
 * offset at the time of the marker.
 */
public record AbortedTransaction(
    long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
