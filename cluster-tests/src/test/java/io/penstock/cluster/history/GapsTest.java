package io.penstock.cluster.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Acks at times that are easy to count with. */
class GapsTest {
  private static final long MS = 1_000_000;

  private final TopicPartition hit = new TopicPartition("timed", 0);
  private final TopicPartition other = new TopicPartition("timed", 1);
  private final History history = new History(50);

  @Test
  void measuresBetweenAcks() {
    long[] acks = {10 * MS, 20 * MS, 90 * MS, 100 * MS};

    assertEquals(70, Gaps.longest(acks, 0, 100 * MS).ms());
    assertEquals(70, Gaps.longest(acks, 50 * MS, 100 * MS).ms());
    assertEquals(10, Gaps.longest(acks, 91 * MS, 100 * MS).ms());
  }

  @Test
  void countsTheTimeBeforeTheFirstAndAfterTheLastAck() {
    assertEquals(30, Gaps.longest(new long[] {30 * MS, 35 * MS}, 0, 40 * MS).ms());
    assertEquals(60, Gaps.longest(new long[] {30 * MS, 40 * MS}, 0, 100 * MS).ms());
    assertEquals(100, Gaps.longest(new long[0], 0, 100 * MS).ms());
  }

  @Test
  void tellsPartitionsWhoseLeaderWasHitFromTheOthers() {
    ack(hit, 10, 20, 100, 110);
    ack(other, 10, 20, 50, 60, 70, 110);
    history.fault(new History.Fault("kill", 25 * MS, Set.of(hit)));

    List<Gaps.AfterFault> gaps = new Gaps(history, _ -> true).afterFaults(110 * MS);

    assertEquals(
        List.of(new Gaps.AfterFault("kill", gap(hit, -5, 80), gap(other, 45, 40), 30)), gaps);
  }

  @Test
  void givesEachFaultTheTimeUpToTheNext() {
    ack(hit, 10, 40, 50, 130);
    history.fault(new History.Fault("first", 15 * MS, Set.of(hit)));
    history.fault(new History.Fault("second", 55 * MS, Set.of()));

    List<Gaps.AfterFault> gaps = new Gaps(history, _ -> true).afterFaults(140 * MS);

    assertEquals(new Gaps.AfterFault("first", gap(hit, -5, 30), gap(null, 0, 0), 30), gaps.get(0));
    assertEquals(new Gaps.AfterFault("second", gap(null, 0, 0), gap(hit, -5, 80), 80), gaps.get(1));
  }

  @Test
  void looksAtTheWritersThatItIsAskedFor() {
    history.acked(history.next(hit, 0), 0, 10 * MS);
    history.acked(history.next(hit, 1), 1, 50 * MS);
    history.fault(new History.Fault("kill", 20 * MS, Set.of(hit)));

    assertEquals(
        90, new Gaps(history, writer -> writer == 0).afterFaults(100 * MS).getFirst().hitMs());
    assertEquals(
        50, new Gaps(history, writer -> writer == 1).afterFaults(100 * MS).getFirst().hitMs());
  }

  private static Gaps.Gap gap(@Nullable TopicPartition partition, long fromMs, long ms) {
    return new Gaps.Gap(partition, fromMs, ms);
  }

  private void ack(TopicPartition partition, long... atMs) {
    for (long at : atMs) {
      RecordId id = history.next(partition, 0);
      history.acked(id, id.number(), at * MS);
    }
  }
}
