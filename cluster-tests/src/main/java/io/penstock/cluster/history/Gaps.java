package io.penstock.cluster.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;

/**
 * For how long nothing was acknowledged, seen by producers that send at a steady rate: a gap is the
 * time between two acks that follow each other, or from the last one to the end. Pure.
 */
public final class Gaps {

  /**
   * The longest gaps that reach into the time after a fault.
   *
   * @param hitMs in one partition whose leader the fault befell
   * @param othersMs in one partition whose leader it did not befall
   * @param overallMs in all partitions together
   */
  public record AfterFault(String name, long hitMs, long othersMs, long overallMs) {
    @Override
    public String toString() {
      String partitions = ": " + hitMs + " ms in its partitions, " + othersMs;
      return name + partitions + " ms in the others, " + overallMs + " ms in all together";
    }
  }

  private final History history;
  private final IntPredicate writers;

  /** The gaps that these writers saw. */
  public Gaps(History history, IntPredicate writers) {
    this.history = history;
    this.writers = writers;
  }

  /** The longest gaps after each fault, each until the next fault or the end. */
  public List<AfterFault> afterFaults(long endNs) {
    List<History.Fault> faults = history.faults();
    List<AfterFault> gaps = new ArrayList<>();
    for (int i = 0; i < faults.size(); i++) {
      long untilNs = i + 1 < faults.size() ? faults.get(i + 1).atNs() : endNs;
      gaps.add(after(faults.get(i), untilNs));
    }
    return gaps;
  }

  /** The longest gaps that reach into the time from a fault on. */
  public AfterFault after(History.Fault fault, long untilNs) {
    Set<TopicPartition> all = history.partitions();
    List<TopicPartition> others =
        all.stream().filter(partition -> !fault.hit().contains(partition)).toList();
    return new AfterFault(
        fault.name(),
        longestOfEach(fault.hit(), fault.atNs(), untilNs),
        longestOfEach(others, fault.atNs(), untilNs),
        longestMs(acks(all), fault.atNs(), untilNs));
  }

  /** The longest gap in any one partition, of those that reach into a time. */
  public long longestOfEach(Collection<TopicPartition> partitions, long fromNs, long untilNs) {
    return partitions.stream()
        .mapToLong(partition -> longestMs(acks(Set.of(partition)), fromNs, untilNs))
        .max()
        .orElse(0);
  }

  private long[] acks(Collection<TopicPartition> partitions) {
    LongStream times =
        partitions.stream()
            .flatMap(partition -> history.acks(partition).stream())
            .filter(ack -> writers.test(ack.id().writer()))
            .mapToLong(History.Ack::atNs);
    return times.sorted().toArray();
  }

  /**
   * The longest gap of acks at these times, in order, that reaches into from..until. What of it
   * comes after that belongs to the time after.
   */
  static long longestMs(long[] acksNs, long fromNs, long untilNs) {
    int found = Arrays.binarySearch(acksNs, fromNs);
    int next = found >= 0 ? found : -found - 1;
    long before = next == 0 ? fromNs : acksNs[next - 1];
    long longest = 0;
    for (int i = next; i < acksNs.length && before < untilNs; i++) {
      longest = Math.max(longest, Math.min(acksNs[i], untilNs) - before);
      before = acksNs[i];
    }
    return Math.max(longest, untilNs - before) / 1_000_000;
  }
}
