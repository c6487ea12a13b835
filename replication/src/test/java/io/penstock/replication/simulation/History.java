package io.penstock.replication.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was ever committed in one partition: batches that some leader's high watermark has passed.
 * Every log must agree with it below its own watermark, and so must everything that was promised.
 */
final class History {

  private final String name;
  private final Set<Long> careful;
  private final List<BatchInfo> batches = new ArrayList<>();
  private final Map<Long, BatchInfo> lastOf = new HashMap<>();
  private long end;

  /**
   * @param careful the ids of producers that wait for all replicas in sync: nothing of theirs may
   *     be missing
   */
  History(String name, Set<Long> careful) {
    this.name = name;
    this.careful = careful;
  }

  long end() {
    return end;
  }

  List<BatchInfo> batches() {
    return batches;
  }

  /** A leader has committed so far: what is new is written down, and must be in order. */
  void commit(ReplicaMirror leader, long highWatermark, String where) {
    if (highWatermark <= end) {
      return;
    }
    for (int i = leader.indexOf(end); i < leader.batches().size(); i++) {
      BatchInfo batch = leader.batches().get(i);
      if (batch.lastOffset() >= highWatermark) {
        break;
      }
      if (batch.baseOffset() != end) {
        throw new AssertionError(
            name + ": committed " + batch + " where " + end + " is next, by " + where);
      }
      checkProducer(batch, where);
      batches.add(batch);
      end = batch.lastOffset() + 1;
    }
    if (end != highWatermark) {
      throw new AssertionError(
          name + ": watermark " + highWatermark + " within a batch, or behind the log, " + where);
    }
  }

  private void checkProducer(BatchInfo batch, String where) {
    BatchInfo last = lastOf.put(batch.producerId(), batch);
    int next = last == null ? 0 : last.sequence() + last.records();
    boolean isSameEpoch = last != null && last.producerEpoch() == batch.producerEpoch();
    boolean goesOn = last == null || isSameEpoch;
    if (careful.contains(batch.producerId())
        ? batch.sequence() != next || !goesOn
        : (isSameEpoch && batch.sequence() < next)
            || (last != null && batch.producerEpoch() < last.producerEpoch())) {
      throw new AssertionError(
          name + ": lost, doubled or out of order: " + batch + " after " + last + ", by " + where);
    }
  }

  /**
   * What a log holds between two offsets must be what was committed there.
   *
   * @param exactly whether the leader epochs of batches count, which no CRC covers: damage to them
   *     shows to nobody who reads the log before it is followed again
   */
  void check(ReplicaMirror mirror, long from, long to, boolean exactly, String where) {
    long until = Math.min(to, end);
    long start = Math.max(from, mirror.log().logStartOffset());
    if (start >= until) {
      return;
    }
    int own = mirror.indexOf(start);
    int committed = indexOf(start);
    while (committed < batches.size() && batches.get(committed).baseOffset() < until) {
      BatchInfo expected = batches.get(committed);
      BatchInfo found = own < mirror.batches().size() ? mirror.batches().get(own) : null;
      if (found == null || !expected.equals(exactly ? found : found.of(expected.leaderEpoch()))) {
        throw new AssertionError(
            name + ": " + where + " has " + found + " where " + expected + " was committed");
      }
      own++;
      committed++;
    }
  }

  /** The batch at an offset that was committed. */
  BatchInfo at(long offset) {
    int index = indexOf(offset);
    if (index == batches.size()) {
      throw new AssertionError(name + ": " + offset + " is not committed, only up to " + end);
    }
    return batches.get(index);
  }

  private int indexOf(long offset) {
    int low = 0;
    int high = batches.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (batches.get(middle).lastOffset() < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
