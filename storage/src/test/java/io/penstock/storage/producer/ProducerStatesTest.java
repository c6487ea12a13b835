package io.penstock.storage.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.GoldenBatches;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.producer.ProducerCheck.Accept;
import io.penstock.storage.producer.ProducerCheck.Duplicate;
import io.penstock.storage.producer.ProducerCheck.InvalidEpoch;
import io.penstock.storage.producer.ProducerCheck.InvalidTransactionState;
import io.penstock.storage.producer.ProducerCheck.OutOfOrderSequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kafka's rules of idempotence, epochs and transactions, batch by batch. */
class ProducerStatesTest {
  private static final long ID = 4000;

  private final ProducerStates states = new ProducerStates(ProducerLimits.DEFAULT);
  private long nextOffset = 100;

  private static TestBatch batch(int epoch, int sequence, int records) {
    return TestBatch.ofRecords(records).producer(ID, epoch, sequence);
  }

  private ProducerCheck check(TestBatch batch) {
    return states.check(batch.build(), 0);
  }

  /** Checks, expects to be accepted, and stores at the next offset. */
  private void store(TestBatch batch) {
    ByteBuffer bytes = batch.at(nextOffset, 0).build();
    assertInstanceOf(Accept.class, states.check(bytes, 0));
    states.update(bytes, 0, 0);
    nextOffset = RecordBatch.lastOffset(bytes, 0) + 1;
  }

  @Test
  void batchesWithoutAProducerIdAreAcceptedAndForgotten() {
    ByteBuffer plain = TestBatch.ofRecords(1).build();

    assertInstanceOf(Accept.class, states.check(plain, 0));
    states.update(plain, 0, 0);

    assertEquals(0, states.size());
  }

  @Test
  void checkingChangesNothing() {
    assertInstanceOf(Accept.class, check(batch(0, 0, 1)));
    assertInstanceOf(Accept.class, check(batch(0, 0, 1)));
    assertEquals(0, states.size());
  }

  @Test
  void eachOfTheLastFiveBatchesIsAnsweredAsTheFirstTime() {
    for (int i = 0; i < 6; i++) {
      store(batch(0, i * 3, 3).timestamps(1, 1_000 + i));
    }

    for (int i = 1; i < 6; i++) {
      long base = 100 + i * 3L;
      assertEquals(new Duplicate(base, base + 2, 1_000 + i), check(batch(0, i * 3, 3)));
    }
  }

  @Test
  void batchesBeforeTheLastFiveAreKnownToBeStored() {
    for (int i = 0; i < 9; i++) {
      store(batch(0, i * 3, 3));
    }

    // Batches 4 to 8 are remembered, the first of them at offset 112.
    assertEquals(new Duplicate(-1, 111, -1), check(batch(0, 0, 3)));
    assertEquals(new Duplicate(-1, 111, -1), check(batch(0, 9, 3)));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 9, 4)));
    assertInstanceOf(InvalidEpoch.class, check(batch(-1, 0, 3)));
  }

  @Test
  void nothingIsSaidOfBatchesBeforeAHistoryThatBeganLate() {
    for (int i = 5; i < 15; i++) {
      store(batch(0, i * 3, 3));
    }

    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 12, 3)));
    assertEquals(new Duplicate(-1, 114, -1), check(batch(0, 15, 3)));
  }

  @Test
  void nothingIsSaidOfBatchesBeforeAGapThatAnotherLeaderLeft() {
    store(batch(0, 0, 3));
    states.update(batch(0, 30, 3).at(500, 0).build(), 0, 0);
    for (int i = 11; i < 20; i++) {
      store(batch(0, i * 3, 3));
    }

    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 3, 3)));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 0, 3)));
    assertInstanceOf(Duplicate.class, check(batch(0, 30, 3)));
  }

  @Test
  void aBatchThatOnlyOverlapsAStoredOneIsOutOfOrder() {
    store(batch(0, 0, 3));

    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 0, 2)));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 1, 2)));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 0, 4)));
  }

  @Test
  void aGapIsRefusedAndFilledLater() {
    store(batch(0, 0, 3));

    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 4, 1)));
    store(batch(0, 3, 1));
    store(batch(0, 4, 1));
  }

  @Test
  void anUnknownProducerMayStartAnywhere() {
    store(batch(7, 1234, 2));

    store(batch(7, 1236, 1));
  }

  @Test
  void aNewEpochStartsAtZeroAndAnOldOneIsFenced() {
    store(batch(3, 0, 2));

    assertInstanceOf(OutOfOrderSequence.class, check(batch(4, 2, 1)));
    store(batch(4, 0, 1));
    assertInstanceOf(InvalidEpoch.class, check(batch(3, 2, 1)));
    assertInstanceOf(InvalidEpoch.class, check(batch(3, 0, 2)));
    assertInstanceOf(Duplicate.class, check(batch(4, 0, 1)));
  }

  @Test
  void sequencesWrapAroundInsideAndBetweenBatches() {
    store(batch(0, Integer.MAX_VALUE - 1, 2));
    store(batch(0, 0, 2));
    assertEquals(new Duplicate(100, 101, 1_000), check(batch(0, Integer.MAX_VALUE - 1, 2)));

    ProducerStates inside = new ProducerStates(ProducerLimits.DEFAULT);
    ByteBuffer wrapping = batch(0, Integer.MAX_VALUE, 3).at(500, 0).build();
    inside.update(wrapping, 0, 0);
    assertEquals(new Duplicate(500, 502, 1_000), inside.check(wrapping, 0));
    assertInstanceOf(Accept.class, inside.check(batch(0, 2, 1).build(), 0));
    assertInstanceOf(OutOfOrderSequence.class, inside.check(batch(0, 0, 1).build(), 0));
  }

  @Test
  void batchesOfOneAppendAreCheckedBehindEachOther() {
    store(batch(0, 0, 1));
    ByteBuffer all =
        TestBatch.concat(
            batch(0, 1, 2).build(),
            TestBatch.ofRecords(1).producer(ID + 1, 0, 0).build(),
            batch(0, 3, 1).build(),
            batch(0, 3, 1).build(),
            batch(1, 0, 1).build(),
            batch(0, 4, 1).build());
    int second = RecordBatch.sizeInBytes(all, 0);
    int third = second + RecordBatch.sizeInBytes(all, second);
    int fourth = third + RecordBatch.sizeInBytes(all, third);
    int fifth = fourth + RecordBatch.sizeInBytes(all, fourth);
    int sixth = fifth + RecordBatch.sizeInBytes(all, fifth);

    assertInstanceOf(Accept.class, states.check(all, 0, 0));
    assertInstanceOf(Accept.class, states.check(all, 0, second));
    assertInstanceOf(Accept.class, states.check(all, 0, third));
    assertInstanceOf(OutOfOrderSequence.class, states.check(all, 0, fourth));
    assertInstanceOf(Accept.class, states.check(all, 0, fifth));
    assertInstanceOf(InvalidEpoch.class, states.check(all, 0, sixth));
    assertInstanceOf(OutOfOrderSequence.class, states.check(all, third, third));
  }

  @Test
  void aFollowerTakesOverWhateverTheLeaderAccepted() {
    states.update(batch(5, 0, 1).at(10, 0).build(), 0, 0);
    states.update(batch(5, 9, 1).at(11, 0).build(), 0, 0);
    states.update(batch(4, 3, 1).at(12, 0).build(), 0, 0);

    assertInstanceOf(Accept.class, check(batch(4, 4, 1)));
  }

  @Test
  void transactionsAreOpenFromTheirFirstRecordToTheirMarker() {
    store(batch(0, 0, 2).transactional());
    store(batch(0, 2, 1).transactional());
    store(TestBatch.ofRecords(1).producer(ID + 1, 0, 0).transactional());
    assertEquals(OptionalLong.of(100), states.firstUndecidedOffset());

    assertInstanceOf(InvalidTransactionState.class, check(batch(0, 3, 1)));
    assertInstanceOf(InvalidTransactionState.class, check(batch(1, 0, 1)));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(0, 4, 1)));
    assertEquals(
        new CompletedTransaction(ID, 100, 104, true, 103),
        states.update(TestBatch.marker(104, ID, 0, false, 6), 0, 0));
    assertEquals(OptionalLong.of(103), states.firstUndecidedOffset());
    assertEquals(
        new CompletedTransaction(ID + 1, 103, 105, false, 106),
        states.update(TestBatch.marker(105, ID + 1, 0, true, 6), 0, 0));
    assertEquals(OptionalLong.empty(), states.firstUndecidedOffset());
    assertNull(states.update(TestBatch.marker(106, ID, 0, true, 7), 0, 0));
    assertInstanceOf(Accept.class, check(batch(0, 3, 1)));
    assertEquals(7, states.list().getFirst().coordinatorEpoch());
  }

  @Test
  void aMarkerOfANewerEpochFencesTheProducerThatWasThere() {
    store(batch(0, 0, 2).transactional());

    states.update(TestBatch.marker(102, ID, 1, false, 6), 0, 0);

    assertInstanceOf(InvalidEpoch.class, check(batch(0, 2, 1).transactional()));
    assertInstanceOf(OutOfOrderSequence.class, check(batch(1, 5, 1).transactional()));
    assertInstanceOf(Accept.class, check(batch(1, 0, 1).transactional()));
  }

  @Test
  void readsTheMarkerThatKafkaWrote() {
    states.update(
        TestBatch.ofRecords(1).producer(1000, 3, 0).transactional().at(50, 0).build(), 0, 0);

    CompletedTransaction completed =
        states.update(GoldenBatches.buffer(GoldenBatches.ABORT_MARKER), 0, 0);

    assertEquals(new CompletedTransaction(1000, 50, 60, true, 61), completed);
    ProducerStateView view = states.list().getFirst();
    assertEquals(8, view.coordinatorEpoch());
    assertEquals(1_700_000_000_777L, view.lastTimestampMs());
  }

  @Test
  void survivesControlBatchesThatSayNothing() {
    ByteBuffer empty = TestBatch.ofRecords(0).producer(ID, 0, -1).attributes(0x30).build();
    ByteBuffer cut =
        TestBatch.ofRecords(1).producer(ID, 0, -1).attributes(0x30).body((byte) 2).build();
    ByteBuffer endless =
        TestBatch.ofRecords(1)
            .producer(ID, 0, -1)
            .attributes(0x30)
            .body((byte) -1, (byte) -1, (byte) -1)
            .build();

    assertNull(states.update(empty, 0, 0));
    assertNull(states.update(cut, 0, 0));
    assertNull(states.update(endless, 0, 0));
    assertEquals(0, states.size());
  }

  @Test
  void forgetsTheSilentButNotThoseWithAnOpenTransaction() {
    ProducerStates some = new ProducerStates(new ProducerLimits(1_000, 100));
    some.update(TestBatch.ofRecords(1).producer(1, 0, 0).build(), 0, 5_000);
    some.update(TestBatch.ofRecords(1).producer(2, 0, 0).transactional().build(), 0, 5_000);
    some.update(TestBatch.ofRecords(1).producer(3, 0, 0).build(), 0, 5_500);

    some.expire(6_000);

    assertEquals(List.of(2L, 3L), some.list().stream().map(ProducerStateView::producerId).toList());
  }

  @Test
  void remembersNoMoreProducersThanAllowed() {
    ProducerStates some = new ProducerStates(new ProducerLimits(1_000_000, 3));
    some.update(TestBatch.ofRecords(1).producer(1, 0, 0).transactional().build(), 0, 0);
    for (int id = 2; id < 50; id++) {
      some.update(TestBatch.ofRecords(1).producer(id, 0, 0).build(), 0, 0);
      some.update(TestBatch.ofRecords(1).producer(2, 0, id).build(), 0, 0);
    }

    assertEquals(
        List.of(1L, 2L, 49L), some.list().stream().map(ProducerStateView::producerId).toList());
    ProducerStates none = new ProducerStates(new ProducerLimits(1_000_000, 0));
    none.update(TestBatch.ofRecords(1).producer(9, 0, 0).build(), 0, 0);
    assertEquals(1, none.size());
  }

  @Test
  void aSnapshotKeepsTheLastBatchAndTheOpenTransaction() {
    store(batch(2, 0, 3).transactional());
    store(batch(2, 3, 2).transactional().timestamps(1, 5_000));
    ProducerStates reloaded = new ProducerStates(new ProducerLimits(10_000, 100));

    reloaded.load(states.list(), 6_000);

    assertEquals(states.list(), reloaded.list());
    assertEquals(OptionalLong.of(100), reloaded.firstUndecidedOffset());
    assertEquals(
        new Duplicate(103, 104, 5_000), reloaded.check(batch(2, 3, 2).transactional().build(), 0));
    assertInstanceOf(Accept.class, reloaded.check(batch(2, 5, 1).transactional().build(), 0));
    reloaded.load(List.of(), 0);
    assertEquals(0, reloaded.size());
    assertTrue(reloaded.firstUndecidedOffset().isEmpty());
  }

  @Test
  void aProducerWithoutTimestampsSurvivesARestart() {
    store(batch(2, 0, 3).timestamps(-1, -1));
    ProducerStates reloaded = new ProducerStates(new ProducerLimits(10_000, 100));

    reloaded.load(states.list(), 1_700_000_000_000L);

    assertInstanceOf(Duplicate.class, reloaded.check(batch(2, 0, 3).build(), 0));
  }

  @Test
  void loadingLeavesOutWhatHasExpired() {
    store(batch(2, 0, 3).timestamps(1, 5_000));
    ProducerStates reloaded = new ProducerStates(new ProducerLimits(10_000, 100));

    reloaded.load(states.list(), 15_000);

    assertEquals(0, reloaded.size());
  }

  /** A producer that sends up to five batches ahead and repeats any of them at will. */
  @Test
  void storesEachRecordOnceHoweverABatchIsRepeatedOrReordered() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Integer> stored = new ArrayList<>();
    List<int[]> sent = new ArrayList<>();
    int nextSequence = 0;
    int accepted = 0;
    for (int step = 0; step < 20_000; step++) {
      if (sent.isEmpty() || (sent.size() < accepted + 5 && random.nextInt(3) == 0)) {
        int records = 1 + random.nextInt(4);
        sent.add(new int[] {nextSequence, records});
        nextSequence += records;
      }
      int back = accepted == 0 ? sent.size() - 1 : random.nextInt(5);
      int[] pick = sent.get(Math.max(0, sent.size() - 1 - back));
      ByteBuffer bytes = batch(0, pick[0], pick[1]).at(stored.size(), 0).build();
      switch (states.check(bytes, 0)) {
        case Accept _ -> {
          states.update(bytes, 0, 0);
          accepted++;
          for (int i = 0; i < pick[1]; i++) {
            stored.add(pick[0] + i);
          }
        }
        case Duplicate(long baseOffset, long lastOffset, _) -> {
          assertEquals(pick[0], stored.get((int) baseOffset), "seed " + seed);
          assertEquals(pick[0] + pick[1] - 1, stored.get((int) lastOffset), "seed " + seed);
        }
        case OutOfOrderSequence _ -> {}
        case InvalidEpoch _, InvalidTransactionState _ -> throw new AssertionError("seed " + seed);
      }
    }
    assertTrue(accepted > 1_000, "seed " + seed);
    for (int i = 0; i < stored.size(); i++) {
      assertEquals(i, stored.get(i), "seed " + seed);
    }
  }
}
