package io.penstock.replication.partition;

/**
 * How far a step has brought a partition, to be told to its waiters after the partition's lock has
 * been given back. Byte counts may be too high, never too low.
 */
record Progress(long appendedBytes, long committedBytes, long highWatermark) {

  static final Progress NONE = new Progress(0, 0, -1);
}
