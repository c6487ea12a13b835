package io.penstock.storage.retention;

/**
 * What retention has to know of a segment: the first offset behind it, its bytes, and its largest
 * timestamp.
 */
public record SegmentAge(long nextOffset, long sizeBytes, long largestTimestampMs) {}
