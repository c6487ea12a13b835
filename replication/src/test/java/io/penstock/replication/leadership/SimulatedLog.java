package io.penstock.replication.leadership;

import java.util.Arrays;

/** A replica's records, each a number that is drawn once, and how far they are committed. */
final class SimulatedLog {

  private int[] records = new int[8];
  private int size;
  private int highWatermark;

  int size() {
    return size;
  }

  int highWatermark() {
    return highWatermark;
  }

  void advanceTo(int offset) {
    highWatermark = Math.max(highWatermark, Math.min(offset, size));
  }

  void append(int record) {
    if (size == records.length) {
      records = Arrays.copyOf(records, 2 * size);
    }
    records[size++] = record;
  }

  void cut(int end) {
    size = Math.min(size, end);
    highWatermark = Math.min(highWatermark, size);
  }

  int commonWith(SimulatedLog other) {
    int end = Math.min(size, other.size);
    int mismatch = Arrays.mismatch(records, 0, end, other.records, 0, end);
    return mismatch < 0 ? end : mismatch;
  }

  /** As KIP-101 and KIP-279 let a follower do it: cut where the leader went on otherwise. */
  void follow(SimulatedLog leader, int count) {
    cut(commonWith(leader));
    for (int i = 0; i < count && size < leader.size; i++) {
      append(leader.records[size]);
    }
    advanceTo(leader.highWatermark);
  }

  void copyOf(SimulatedLog other, int end) {
    records = Arrays.copyOf(other.records, Math.max(8, end));
    size = end;
  }
}
