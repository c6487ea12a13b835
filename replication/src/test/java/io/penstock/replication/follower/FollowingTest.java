package io.penstock.replication.follower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.replication.partition.ReplicaHost;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole replicas that follow each other, over real logs on disks in memory. */
final class FollowingTest {

  private static final LogSettings SMALL_SEGMENTS =
      LogSettingsBuilder.fromDefaults().segmentBytes(4 << 10).index(4 << 10, 64).build();

  /** Where a batch says of which leader epoch it is; its CRC begins behind that. */
  private static final int EPOCH_AT = 12;

  private static void assertSame(ReplicaPair pair, int one, int other) throws StorageException {
    long from = pair.node(one).replica().logStartOffset();
    assertArrayEquals(pair.node(one).host.bytesFrom(from), pair.node(other).host.bytesFrom(from));
    assertEquals(end(pair, one), end(pair, other));
  }

  private static long end(ReplicaPair pair, int node) {
    return pair.node(node).replica().logEndOffset();
  }

  private static long committed(ReplicaPair pair, int node) {
    return pair.node(node).replica().highWatermark();
  }

  private static List<EpochStart> epochs(ReplicaPair pair, int node) {
    return pair.node(node).host.log().epochs().entries();
  }

  /** Two nodes in step, node 1 leads. */
  private static ReplicaPair inStep(LogSettings settings, int records) throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, settings);
    pair.lead(1, 0, 1, 2);
    pair.append(1, records);
    pair.tasks.advance(10);
    assertEquals(records, committed(pair, 1));
    return pair;
  }

  private static ByteBuffer batch(int bytes) {
    return TestBatch.ofRecords(1).body(new byte[bytes]).build();
  }

  @Test
  void copiesWhatTheLeaderAppendsAndCommitsItByTheNextFetch() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, LogSettings.defaults());
    pair.lead(1, 0, 1, 2);
    pair.tasks.advance(10);

    pair.append(1, 3);
    pair.append(1, 2);
    assertEquals(0, pair.node(1).replica().highWatermark());
    pair.tasks.advance(1);

    assertSame(pair, 1, 2);
    assertEquals(5, pair.node(1).replica().highWatermark());
    assertEquals(5, pair.node(2).replica().highWatermark(), "told at once");
    assertTrue(pair.node(2).to(1).isIdle());
  }

  @Test
  void deposedLeaderCutsWhatNobodyElseHas() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).to(1).cut(true);
    pair.append(1, 4);

    pair.lead(2, 1, 2);
    pair.append(2, 2);
    pair.tasks.advance(50);

    assertSame(pair, 2, 1);
    assertEquals(5, end(pair, 1));
    assertEquals(List.of(new EpochStart(0, 0), new EpochStart(1, 3)), epochs(pair, 1));
    assertEquals(5, committed(pair, 1));
  }

  @Test
  void severalQuickFailoversLeaveOneHistory() throws StorageException {
    ReplicaPair pair = new ReplicaPair(3, LogSettings.defaults());
    pair.lead(1, 0, 1, 2, 3);
    pair.append(1, 3);
    pair.tasks.advance(20);
    pair.append(1, 2);
    // Each next leader is heard of by itself alone.
    pair.node(2).become(pair.image(2, 1, 2));
    pair.append(2, 1);
    pair.node(1).become(pair.image(1, 2, 1));
    pair.append(1, 3);
    pair.node(2).become(pair.image(2, 3, 2));
    pair.append(2, 4);
    pair.node(3).become(pair.image(3, 4, 3));
    pair.append(3, 1);

    pair.lead(3, 5, 3);
    pair.append(3, 1);
    pair.tasks.advance(500);

    assertSame(pair, 3, 1);
    assertSame(pair, 3, 2);
    assertEquals(5, end(pair, 1));
  }

  @Test
  void leaderThatWroteNothingLeavesNoTraceOfItsEpoch() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).to(1).cut(true);
    pair.append(1, 2);
    pair.node(2).become(pair.image(2, 1, 2));

    pair.lead(1, 2, 1);
    pair.append(1, 1);
    pair.tasks.advance(50);

    assertSame(pair, 1, 2);
    assertEquals(List.of(new EpochStart(0, 0), new EpochStart(2, 5)), epochs(pair, 2));
  }

  @Test
  void truncationBelowTheWatermarkTakesItBackFirst() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).restart(ReplicaHost::restartWiped);

    pair.lead(2, 1, 2);
    pair.append(2, 1);
    pair.tasks.advance(50);

    assertSame(pair, 2, 1);
    assertEquals(1, committed(pair, 1));
  }

  @Test
  void producerGoesOnWhereItWasAfterAFailover() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, LogSettings.defaults());
    pair.lead(1, 0, 1, 2);
    for (int i = 0; i < 5; i++) {
      pair.append(1, TestBatch.ofRecords(2).producer(9, 0, 2 * i).build());
    }
    pair.tasks.advance(10);
    pair.node(2).to(1).cut(true);
    pair.append(1, TestBatch.ofRecords(2).producer(9, 0, 10).build());

    pair.lead(2, 1, 2);
    assertDuplicate(8, pair.node(2).host.append(TestBatch.ofRecords(2).producer(9, 0, 8).build()));
    assertEquals(10, pair.append(2, TestBatch.ofRecords(2).producer(9, 0, 10).build()));
    pair.tasks.advance(50);
    pair.lead(1, 2, 1);

    assertDuplicate(
        10, pair.node(1).host.append(TestBatch.ofRecords(2).producer(9, 0, 10).build()));
    assertEquals(12, pair.append(1, TestBatch.ofRecords(1).producer(9, 0, 12).build()));
  }

  private static void assertDuplicate(long offset, ReplicaAppend append) {
    AppendOutcome outcome = assertInstanceOf(ReplicaAppend.Answered.class, append).outcome();
    assertEquals(offset, assertInstanceOf(AppendOutcome.Duplicate.class, outcome).firstOffset());
  }

  @Test
  void wipedFollowerIsRefilledFromWhereTheLeaderBegins() throws StorageException {
    ReplicaPair pair = inStep(SMALL_SEGMENTS, 1);
    for (int i = 0; i < 30; i++) {
      pair.append(1, batch(1_000));
    }
    pair.tasks.advance(10);
    assertNull(pair.node(1).replica().deleteRecordsBefore(20));
    pair.tasks.advance(100_000);

    pair.node(2).restart(ReplicaHost::restartWiped);
    pair.node(2).become(pair.image(1, 0, 1));
    pair.tasks.advance(200);

    assertSame(pair, 1, 2);
    assertEquals(20, pair.node(2).replica().logStartOffset());
    assertEquals(31, committed(pair, 2));
  }

  @Test
  void refilledLogBeginsWithTheWholeBatchThatTheStartLiesIn() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 10);
    assertNull(pair.node(1).replica().deleteRecordsBefore(5));

    pair.node(2).restart(ReplicaHost::restartWiped);
    pair.node(2).become(pair.image(1, 0, 1));
    pair.tasks.advance(200);

    assertSame(pair, 1, 2);
    assertEquals(5, pair.node(2).replica().logStartOffset());
    assertEquals(10, committed(pair, 2));
  }

  @Test
  void logStartFollowsTheLeaders() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 10);

    assertNull(pair.node(1).replica().deleteRecordsBefore(7));
    pair.append(1, 1);
    pair.tasks.advance(10);

    assertEquals(7, pair.node(2).replica().logStartOffset());
  }

  @Test
  void killedFollowerGoesOnWithWhatItHas() throws StorageException {
    ReplicaPair pair = inStep(SMALL_SEGMENTS, 3);
    pair.node(2).restart(ReplicaHost::restart);
    pair.append(1, 2);

    pair.node(2).become(pair.image(1, 0, 1));
    pair.tasks.advance(50);

    assertSame(pair, 1, 2);
    assertEquals(3, pair.node(2).to(1).seen().getFirst().changed().getFirst().fetchOffset());
  }

  @Test
  void epochThatWasDamagedOnTheDiskIsCutAndFetchedAgain() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, LogSettings.defaults());
    pair.lead(1, 2, 1, 2);
    pair.append(1, 1);
    pair.append(1, 1);
    pair.tasks.advance(10);
    int one = TestBatch.ofRecords(1).build().remaining();
    pair.node(2)
        .restart(host -> {
          host.disk()
              .flipByte(host.log().directory().resolve("00000000000000000000.log"), one + EPOCH_AT);
          host.restart();
        });
    assertEquals(0x40000002, pair.node(2).host.log().leaderEpochAt(1));

    pair.node(2).become(pair.image(1, 2, 1));
    pair.tasks.advance(1_000);

    assertSame(pair, 1, 2);
    assertEquals(List.of(new EpochStart(2, 0)), epochs(pair, 2));
  }

  @Test
  void acknowledgesOnlyWhatItHasFlushedWhereTheTopicAsksForThat() throws StorageException {
    ReplicaPair pair =
        new ReplicaPair(2, LogSettingsBuilder.fromDefaults().flushMessages(1).build());
    pair.lead(1, 0, 1, 2);
    pair.tasks.advance(5);
    pair.node(2).host.holdSyncs();
    pair.append(1, 2);
    pair.tasks.advance(100);
    assertEquals(2, end(pair, 2));
    assertEquals(0, committed(pair, 1));

    pair.node(2).host.letSyncsPass();
    pair.tasks.advance(600);

    assertEquals(2, committed(pair, 1));
    assertEquals(2, committed(pair, 2));
  }

  @Test
  void flushedRecordsAreAcknowledgedAtOnce() throws StorageException {
    ReplicaPair pair =
        new ReplicaPair(2, LogSettingsBuilder.fromDefaults().flushMessages(1).build());
    pair.lead(1, 0, 1, 2);
    pair.tasks.advance(5);

    pair.append(1, 2);
    pair.tasks.advance(8);

    assertEquals(2, committed(pair, 1), "not after the wait of an idle fetch");
  }

  @Test
  void damagedBytesAreNotStoredAndFetchedAgain() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).to(1).tamper(bytes -> bytes.put(70, (byte) (bytes.get(70) + 1)));
    pair.append(1, TestBatch.ofRecords(2).body(new byte[50]).build());
    pair.tasks.advance(1_000);
    assertEquals(3, end(pair, 2));

    pair.node(2).to(1).tamper(bytes -> bytes);
    pair.tasks.advance(1_000);

    assertSame(pair, 1, 2);
    assertEquals(5, committed(pair, 1));
  }

  @Test
  void batchesOfAnySizeAndCutOnesArrive() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, SMALL_SEGMENTS);
    pair.lead(1, 0, 1, 2);
    for (int i = 0; i < 60; i++) {
      pair.append(1, batch(3_000));
    }

    pair.tasks.advance(100);

    assertSame(pair, 1, 2);
    assertEquals(60, committed(pair, 1));
  }

  @Test
  void batchThatIsLargerThanAFetchAndASegmentArrives() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, LogSettings.defaults());
    pair.lead(1, 0, 1, 2);
    pair.append(1, batch(900_000));
    pair.append(1, 1);

    pair.tasks.advance(100);

    assertSame(pair, 1, 2);
    assertEquals(2, committed(pair, 1));
  }

  @Test
  void lostSessionIsBegunAnewAtOnce() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).to(1).forgetSession();

    pair.append(1, 1);
    pair.tasks.advance(2);

    assertSame(pair, 1, 2);
    assertEquals(4, committed(pair, 1));
  }

  @Test
  void readersOfAFollowerHearOfItsWatermark() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    PartitionReplica follower = pair.node(2).replica();
    int[] woken = {0};
    FetchWaiter reader = waiter(pair, woken);
    assertNotNull(follower.awaitBytes(ReadLimit.HIGH_WATERMARK, 3, follower.role(), reader));

    pair.append(1, 1);
    pair.tasks.advance(3);

    assertEquals(4, follower.highWatermark());
    assertTrue(woken[0] > 0);
  }

  private static FetchWaiter waiter(ReplicaPair pair, int[] woken) {
    return new FetchWaiter() {
      @Override
      public WakeTarget home() {
        return new WakeTarget() {
          @Override
          public boolean isCurrentThread() {
            return false;
          }

          @Override
          public void execute(Runnable task) {
            pair.tasks.run(task);
          }
        };
      }

      @Override
      public boolean bytesAvailable(long bytes) {
        return true;
      }

      @Override
      public boolean disturbed() {
        return true;
      }

      @Override
      public void run() {
        woken[0]++;
      }
    };
  }

  @Test
  void failingDiskEndsTheFollowing() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).host.disk().failWritesFrom(0);

    pair.append(1, 1);
    pair.tasks.advance(2_000);
    int asked = pair.node(2).to(1).seen().size();
    pair.append(1, 1);
    pair.tasks.advance(2_000);

    assertInstanceOf(ReplicaRole.Offline.class, pair.node(2).replica().role());
    assertEquals(asked, pair.node(2).to(1).seen().size());
  }

  @Test
  void fullDiskIsWaitedFor() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    pair.node(2).host.disk().limitCapacity(pair.node(2).host.disk().usedBytes());
    pair.append(1, batch(5_000));
    pair.tasks.advance(1_000);
    assertEquals(3, end(pair, 2));

    pair.node(2).host.disk().limitCapacity(Long.MAX_VALUE);
    pair.tasks.advance(1_000);

    assertSame(pair, 1, 2);
  }

  @Test
  void attemptsAtADeadLeaderBecomeRareAndANewRoleIsTriedAtOnce() throws StorageException {
    ReplicaPair pair = inStep(LogSettings.defaults(), 3);
    DirectLeaderEndpoint dead = pair.node(2).to(1);
    dead.cut(true);
    int before = dead.seen().size();
    pair.tasks.advance(10_000);
    int attempts = dead.seen().size() - before;
    assertTrue(attempts >= 40 && attempts <= 80, attempts + " attempts");

    dead.cut(false);
    pair.lead(1, 1, 1, 2);
    pair.tasks.advance(1);

    assertTrue(dead.isIdle(), "asked and waiting");
  }
}
