package io.penstock.cluster.history;

import io.penstock.cluster.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Holds a {@link History} against what the logs have in the end. What was acknowledged is there, at
 * the offset that was told; everything is there once, in the order in which its writer sent it, and
 * was sent by somebody; replicas have the same bytes; what a consumer was ever given at an offset
 * is there still. A record that failed may be there or not, but not twice. For one check, by one
 * thread.
 */
public final class HistoryChecker {
  private final History history;
  private final List<Violation> violations = new ArrayList<>();
  private long present;

  /** Looks at a history whose clients have ended. */
  public HistoryChecker(History history) {
    this.history = history;
  }

  /**
   * What is wrong.
   *
   * @param logs everything that a consumer is given of each partition, from its first offset on
   * @param replicas the files of each replica, by partition and node
   */
  public Verdict check(
      Map<TopicPartition, List<Entry>> logs,
      Map<TopicPartition, Map<Integer, ReplicaLog>> replicas) {
    for (TopicPartition partition : history.partitions()) {
      List<Entry> log = logs.getOrDefault(partition, List.of());
      present += log.size();
      checkLog(partition, log);
      checkReplicas(partition, log, replicas.getOrDefault(partition, Map.of()));
    }
    checkReads(logs);
    violations.addAll(history.setBacks());
    return new Verdict(violations, history.ackedCount(), present);
  }

  private void checkLog(TopicPartition partition, List<Entry> log) {
    Map<RecordId, Long> offsets = new HashMap<>();
    Map<Integer, RecordId> newestOf = new HashMap<>();
    for (Entry entry : log) {
      RecordId id = entry.id();
      if (id == null || !id.partition().equals(partition) || !history.wasSent(id)) {
        add(Kind.PHANTOM, partition, entry.toString());
        continue;
      }
      Long before = offsets.putIfAbsent(id, entry.offset());
      if (before != null) {
        add(Kind.DUPLICATED, partition, id + " at offsets " + before + " and " + entry.offset());
        continue;
      }
      RecordId newest = newestOf.get(id.writer());
      if (newest != null && newest.number() > id.number()) {
        add(Kind.REORDERED, partition, entry + " after number " + newest.number());
      } else {
        newestOf.put(id.writer(), id);
      }
    }
    for (History.Ack ack : history.acks(partition)) {
      checkAck(partition, ack, offsets.get(ack.id()));
    }
  }

  private void checkAck(TopicPartition partition, History.Ack ack, @Nullable Long offset) {
    if (offset == null) {
      add(Kind.LOST, partition, ack.id() + ", acknowledged at offset " + ack.offset());
    } else if (ack.offset() >= 0 && offset != ack.offset()) {
      // A producer is told -1 where a retry met a record that is older than what brokers remember.
      String told = ", acknowledged at offset " + ack.offset();
      add(Kind.REORDERED, partition, ack.id() + told + ", is at " + offset);
    }
  }

  private void checkReplicas(
      TopicPartition partition, List<Entry> log, Map<Integer, ReplicaLog> replicas) {
    Map<Integer, ReplicaLog> ordered = new TreeMap<>(replicas);
    Integer firstNode = null;
    ReplicaLog first = null;
    for (Map.Entry<Integer, ReplicaLog> one : ordered.entrySet()) {
      String difference = one.getValue().differenceFrom(log, history);
      if (difference != null) {
        String what = "replica " + one.getKey() + " beside what consumers read: " + difference;
        add(Kind.DIVERGENT, partition, what);
      }
      if (first == null) {
        firstNode = one.getKey();
        first = one.getValue();
        continue;
      }
      difference = first.differenceFrom(one.getValue());
      if (difference != null) {
        String what = "replicas " + firstNode + " and " + one.getKey() + ": " + difference;
        add(Kind.DIVERGENT, partition, what);
      }
    }
  }

  private void checkReads(Map<TopicPartition, List<Entry>> logs) {
    Map<TopicPartition, Map<Long, Entry>> byOffset = new HashMap<>();
    logs.forEach((partition, log) -> {
      Map<Long, Entry> entries = new HashMap<>();
      log.forEach(entry -> entries.put(entry.offset(), entry));
      byOffset.put(partition, entries);
    });
    Map<List<Object>, Long> positions = new HashMap<>();
    for (History.Read read : history.reads()) {
      TopicPartition partition = read.partition();
      long offset = read.entry().offset();
      Entry now = byOffset.getOrDefault(partition, Map.of()).get(offset);
      if (!read.entry().equals(now)) {
        String what = "reader " + read.reader() + " was given " + read.entry();
        add(Kind.WENT_BACK, partition, what + "; now " + (now == null ? "there is nothing" : now));
      }
      Long before = positions.put(List.of(read.reader(), partition), offset);
      if (before != null && offset != before + 1) {
        String what = "reader " + read.reader() + " was given offset " + offset;
        add(Kind.WENT_BACK, partition, what + " after " + before);
      }
    }
  }

  private void add(Kind kind, TopicPartition partition, String what) {
    violations.add(new Violation(kind, partition, what));
  }
}
