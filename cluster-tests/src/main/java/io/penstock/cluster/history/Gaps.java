package io.penstock.cluster.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * For how long nothing was acknowledged, seen by producers that send at a steady rate: a gap is the
 * time between two acks that follow each other, or from the last one to the end. Pure.
 */
public final class Gaps {

  /**
   * A gap in one partition.
   *
   * @param partition null where there is none to have gaps
   * @param fromMs when it began, after the fault; negative if before it
   */
  public record Gap(@Nullable TopicPartition partition, long fromMs, long ms) {
    private static final Gap NONE = new Gap(null, 0, 0);

    @Override
    public String toString() {
      return partition == null ? "none" : ms + " ms in " + partition + " from " + fromMs + " ms on";
    }
  }

  /**
   * The longest gaps that reach into the time after a fault.
   *
   * @param hit in one partition whose leader the fault befell
   * @param others in one partition whose leader it did not befall
   * @param overallMs in all partitions together
   */
  public record AfterFault(String name, Gap hit, Gap others, long overallMs) {
    /** How long the longest gap was in one partition whose leader the fault befell. */
    public long hitMs() {
      return hit.ms;
    }

    /** How long the longest gap was in one partition whose leader it did not befall. */
    public long othersMs() {
      return others.ms;
    }

    @Override
    public String toString() {
      return name + ": hit " + hit + ", others " + others + ", all together " + overallMs + " ms";
    }
  }

  private static final long NS_PER_MS = 1_000_000;

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

  private AfterFault after(History.Fault fault, long untilNs) {
    Set<TopicPartition> all = history.partitions();
    List<TopicPartition> others =
        all.stream().filter(partition -> !fault.hit().contains(partition)).toList();
    return new AfterFault(
        fault.name(),
        longestOfEach(fault.hit(), fault.atNs(), untilNs),
        longestOfEach(others, fault.atNs(), untilNs),
        longest(acks(all), fault.atNs(), untilNs).ms());
  }

  private Gap longestOfEach(Collection<TopicPartition> partitions, long fromNs, long untilNs) {
    return partitions.stream()
        .map(partition -> longestOf(partition, fromNs, untilNs))
        .max(Comparator.comparingLong(Gap::ms))
        .orElse(Gap.NONE);
  }

  private Gap longestOf(TopicPartition partition, long fromNs, long untilNs) {
    Silence silence = longest(acks(Set.of(partition)), fromNs, untilNs);
    return new Gap(partition, (silence.beginNs - fromNs) / NS_PER_MS, silence.ms());
  }

  private long[] acks(Collection<TopicPartition> partitions) {
    LongStream times =
        partitions.stream()
            .flatMap(partition -> history.acks(partition).stream())
            .filter(ack -> writers.test(ack.id().writer()))
            .mapToLong(History.Ack::atNs);
    return times.sorted().toArray();
  }

  /** A time between two acks. */
  record Silence(long beginNs, long ns) {
    long ms() {
      return ns / NS_PER_MS;
    }
  }

  /**
   * The longest gap of acks at these times, in order, that reaches into from..until. What of it
   * comes after that belongs to the time after.
   */
  static Silence longest(long[] acksNs, long fromNs, long untilNs) {
    int found = Arrays.binarySearch(acksNs, fromNs);
    int next = found >= 0 ? found : -found - 1;
    long before = next == 0 ? fromNs : acksNs[next - 1];
    Silence longest = new Silence(before, 0);
    for (int i = next; i < acksNs.length && before < untilNs; i++) {
      longest = longer(longest, before, Math.min(acksNs[i], untilNs));
      before = acksNs[i];
    }
    return longer(longest, before, untilNs);
  }

  private static Silence longer(Silence longest, long beginNs, long endNs) {
    return endNs - beginNs > longest.ns ? new Silence(beginNs, endNs - beginNs) : longest;
  }
}
