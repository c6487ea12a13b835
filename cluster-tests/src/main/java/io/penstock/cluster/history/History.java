package io.penstock.cluster.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;

/**
 * What happened in a recorded workload, in the words of its clients. Written by all of their
 * threads; what is read while they run is what they have said so far.
 */
public final class History {

  /** A record that was acknowledged, as its producer was told. */
  public record Ack(RecordId id, long offset, long atNs) {}

  /** Records that a consumer was given, in this order. */
  public record Read(int reader, TopicPartition partition, Entry entry) {}

  /**
   * Something that was done to the cluster.
   *
   * @param hit the partitions whose leader it befell
   */
  public record Fault(String name, long atNs, Set<TopicPartition> hit) {
    public Fault {
      hit = Set.copyOf(hit);
    }
  }

  private static final class Acks {
    private final ConcurrentLinkedQueue<Ack> all = new ConcurrentLinkedQueue<>();
    private volatile long lastNs = Long.MIN_VALUE;
  }

  private record Lane(TopicPartition partition, int writer) {}

  private final int valueBytes;
  private final Map<Lane, AtomicLong> sent = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Acks> acks = new ConcurrentHashMap<>();
  private final LongAdder ackedCount = new LongAdder();
  private final LongAdder readCount = new LongAdder();
  private final Map<RecordId, String> failures = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Violation> wentBack = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Fault> faults = new ConcurrentLinkedQueue<>();

  /**
   * Nothing has happened yet.
   *
   * @param valueBytes how long the values are at least
   */
  public History(int valueBytes) {
    this.valueBytes = valueBytes;
  }

  /** What a log has at an offset, by its value. */
  public Entry entry(long offset, byte[] value) {
    return new Entry(offset, RecordId.parse(value, valueBytes));
  }

  /** The next record of a writer to a partition, which it is about to send. */
  public RecordId next(TopicPartition partition, int writer) {
    AtomicLong count = sent.computeIfAbsent(new Lane(partition, writer), _ -> new AtomicLong());
    return new RecordId(partition, writer, count.getAndIncrement());
  }

  /** The value that a record is sent with. */
  public byte[] value(RecordId id) {
    return id.value(valueBytes);
  }

  /** A producer was told that a record is there. */
  public void acked(RecordId id, long offset, long atNs) {
    Acks ofPartition = acks.computeIfAbsent(id.partition(), _ -> new Acks());
    ofPartition.all.add(new Ack(id, offset, atNs));
    ofPartition.lastNs = atNs;
    ackedCount.increment();
  }

  /** A producer was told that a record may not be there. */
  public void failed(RecordId id, String why) {
    failures.put(id, why);
  }

  /** A consumer was given a record. */
  public void read(int reader, TopicPartition partition, Entry entry) {
    reads.add(new Read(reader, partition, entry));
    readCount.increment();
  }

  /** A consumer was told that what it had read up to is not there. */
  public void readerSetBack(TopicPartition partition, String what) {
    wentBack.add(new Violation(Violation.Kind.WENT_BACK, partition, what));
  }

  /** Something was done to the cluster. */
  public void fault(Fault fault) {
    faults.add(fault);
  }

  /** Whether somebody sent this record, acknowledged or not. */
  boolean wasSent(RecordId id) {
    AtomicLong count = sent.get(new Lane(id.partition(), id.writer()));
    return count != null && id.number() >= 0 && id.number() < count.get();
  }

  /** Everything that was acknowledged in a partition, in the order of the acks. */
  public List<Ack> acks(TopicPartition partition) {
    Acks found = acks.get(partition);
    return found == null ? List.of() : new ArrayList<>(found.all);
  }

  /** Whether something was acknowledged in a partition after this time. */
  boolean hasAckSince(TopicPartition partition, long ns) {
    Acks found = acks.get(partition);
    return found != null && found.lastNs > ns;
  }

  /** How many records were acknowledged so far. */
  public long ackedCount() {
    return ackedCount.sum();
  }

  /** How many records consumers were given so far. */
  public long readCount() {
    return readCount.sum();
  }

  /** How many records failed, by what their producers were told. */
  public Map<String, Long> failures() {
    Map<String, Long> counts = new TreeMap<>();
    failures.values().forEach(why -> counts.merge(why, 1L, Long::sum));
    return counts;
  }

  /** The partitions that were written to. */
  public Set<TopicPartition> partitions() {
    Set<TopicPartition> partitions = ConcurrentHashMap.newKeySet();
    sent.keySet().forEach(lane -> partitions.add(lane.partition()));
    return partitions;
  }

  List<Read> reads() {
    return new ArrayList<>(reads);
  }

  List<Violation> setBacks() {
    return new ArrayList<>(wentBack);
  }

  /** What was done to the cluster, in order. */
  public List<Fault> faults() {
    return new ArrayList<>(faults);
  }
}
