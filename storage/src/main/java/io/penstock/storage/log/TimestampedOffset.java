package io.penstock.storage.log;

/**
 * A record found by time: its offset, its timestamp and the leader epoch it was written in (-1 when
 * that is not known).
 */
public record TimestampedOffset(long offset, long timestampMs, int leaderEpoch) {}
