package io.penstock.replication.partition;

/** What a leader says of its own log beside the records. */
public record LeaderNews(long highWatermark, long logStartOffset) {}
