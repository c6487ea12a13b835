package io.penstock.cluster.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two writers and one reader of one partition; what is planted is found, and nothing else. */
class HistoryCheckerTest {
  private static final int RECORDS = 10;

  private final TopicPartition partition = new TopicPartition("planted", 3);
  private final History history = new History(100);
  private final List<Entry> log = new ArrayList<>();

  @BeforeEach
  void writeAndRead() {
    for (int i = 0; i < RECORDS; i++) {
      RecordId id = history.next(partition, i % 2);
      log.add(history.entry(i, history.value(id)));
      history.acked(id, i, i);
      history.read(0, partition, log.getLast());
    }
  }

  @Test
  void findsNothingWhereNothingIsWrong() {
    Verdict verdict = check(replica(log), replica(log));

    assertTrue(verdict.isClean(), verdict::toString);
    assertEquals(RECORDS, verdict.acked());
    assertEquals(RECORDS, verdict.present());
    verdict.requireClean("a clean history");
  }

  @Test
  void forgivesARecordThatFailedWhetherItIsThereOrNot() {
    RecordId absent = history.next(partition, 0);
    RecordId there = history.next(partition, 1);
    history.failed(absent, "TimeoutException");
    history.failed(there, "TimeoutException");
    log.add(new Entry(RECORDS, there));

    assertTrue(check(replica(log)).isClean());
    assertEquals(Map.of("TimeoutException", 2L), history.failures());
  }

  @Test
  void findsAnAcknowledgedRecordThatIsLost() {
    log.removeLast();

    assertFound(Map.of(Kind.LOST, 1L, Kind.WENT_BACK, 1L), check(replica(log)));
  }

  @Test
  void findsARecordThatIsThereTwice() {
    log.add(new Entry(RECORDS, log.getLast().id()));

    assertFound(Map.of(Kind.DUPLICATED, 1L), check(replica(log)));
  }

  @Test
  void findsRecordsOfOneWriterInAnotherOrder() {
    History unread = new History(100);
    RecordId first = unread.next(partition, 0);
    RecordId second = unread.next(partition, 0);
    unread.acked(second, 0, 0);
    unread.acked(first, 1, 0);
    List<Entry> swapped = List.of(new Entry(0, second), new Entry(1, first));

    Verdict verdict = new HistoryChecker(unread).check(Map.of(partition, swapped), Map.of());

    assertFound(Map.of(Kind.REORDERED, 1L), verdict);
  }

  @Test
  void findsAnAckThatNamedAnotherOffset() {
    RecordId id = history.next(partition, 0);
    history.acked(id, RECORDS + 5, 0);
    log.add(new Entry(RECORDS, id));

    assertFound(Map.of(Kind.REORDERED, 1L), check(replica(log)));
  }

  @Test
  void takesAnAckThatNamesNoOffset() {
    RecordId id = history.next(partition, 0);
    history.acked(id, -1, 0);
    log.add(new Entry(RECORDS, id));

    assertTrue(check(replica(log)).isClean());
  }

  @Test
  void findsWhatNobodySent() {
    log.add(new Entry(RECORDS, new RecordId(partition, 0, 1_000)));
    log.add(new Entry(RECORDS + 1, new RecordId(partition, 7, 0)));
    log.add(new Entry(RECORDS + 2, new RecordId(new TopicPartition("planted", 4), 0, 0)));
    log.add(history.entry(RECORDS + 3, new byte[100]));

    Verdict verdict = new HistoryChecker(history).check(Map.of(partition, log), Map.of());

    assertFound(Map.of(Kind.PHANTOM, 4L), verdict);
  }

  @Test
  void findsReplicasOfAnotherLength() {
    Verdict verdict = check(replica(log), replica(log.subList(0, RECORDS - 1)));

    // The short one differs from the other, and from what consumers are given.
    assertFound(Map.of(Kind.DIVERGENT, 2L), verdict);
  }

  @Test
  void findsReplicasWithTheSameRecordsInOtherBytes() {
    Verdict verdict = check(replica(log), PlantedLogs.replica(log, 1));

    assertFound(Map.of(Kind.DIVERGENT, 1L), verdict);
  }

  @Test
  void findsReplicasThatAgreeOnSomethingElseThanConsumersAreGiven() {
    RecordId more = history.next(partition, 0);
    List<Entry> longer = new ArrayList<>(log);
    longer.add(new Entry(RECORDS, more));

    assertFound(Map.of(Kind.DIVERGENT, 2L), check(replica(longer), replica(longer)));
  }

  @Test
  void findsThatAReaderWasGivenWhatIsNotThereAnyMore() {
    history.read(0, partition, new Entry(RECORDS, history.next(partition, 0)));

    assertFound(Map.of(Kind.WENT_BACK, 1L), check(replica(log)));
  }

  @Test
  void findsThatAReaderWasGivenAnotherRecordAtAnOffset() {
    history.read(1, partition, new Entry(4, log.get(6).id()));

    assertFound(Map.of(Kind.WENT_BACK, 1L), check(replica(log)));
  }

  @Test
  void findsThatAReaderWasGivenOffsetsTwiceOrNot() {
    history.read(1, partition, log.get(4));
    history.read(1, partition, log.get(4));
    history.read(2, partition, log.get(4));
    history.read(2, partition, log.get(6));

    assertFound(Map.of(Kind.WENT_BACK, 2L), check(replica(log)));
  }

  @Test
  void findsThatAReaderWasToldThatItsOffsetIsOutOfRange() {
    history.readerSetBack(partition, "out of range");

    Verdict verdict = check(replica(log));

    assertFound(Map.of(Kind.WENT_BACK, 1L), verdict);
    AssertionError failure =
        assertThrows(AssertionError.class, () -> verdict.requireClean("seed 5"));
    assertTrue(String.valueOf(failure.getMessage()).contains("out of range"));
  }

  private Verdict check(ReplicaLog... replicas) {
    Map<Integer, ReplicaLog> byNode = new java.util.HashMap<>();
    for (ReplicaLog replica : replicas) {
      byNode.put(byNode.size() + 1, replica);
    }
    return new HistoryChecker(history).check(Map.of(partition, log), Map.of(partition, byNode));
  }

  private static ReplicaLog replica(List<Entry> entries) {
    return PlantedLogs.replica(entries, 0);
  }

  private static void assertFound(Map<Kind, Long> expected, Verdict verdict) {
    for (Kind kind : Kind.values()) {
      assertEquals(
          expected.getOrDefault(kind, 0L),
          verdict.count(kind),
          () -> kind + verdict.violations().toString());
    }
  }
}
