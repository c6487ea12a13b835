package io.penstock.replication.partition;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Acks that wait for the disk, over the real threads of a data directory. */
@Timeout(120)
final class HeldAckTest {

  private static final int SELF = 1;
  private static final int ALL = PartitionReplica.ACKS_ALL;
  private static final LogId ID = new LogId("safe", new UUID(3, 4), 0);
  private static final LogSettings EACH_FLUSHED =
      LogSettingsBuilder.fromDefaults().flushMessages(1).build();

  @TempDir private Path directory;

  private final Wakeups wakeups = new Wakeups();
  private @Nullable FakeDisk disk;
  private @Nullable LogDirectories logs;

  private PartitionReplica open(long seed, LogSettings settings) throws StorageException {
    FakeDisk fresh = new FakeDisk(seed);
    disk = fresh;
    LogDirectories opened = TestLogs.open(fresh, directory);
    logs = opened;
    return new PartitionReplica(SELF, opened.create(ID, settings));
  }

  @AfterEach
  void close() throws StorageException {
    if (disk != null && logs != null) {
      disk.letSyncsPass();
      disk.healWrites();
      logs.close();
    }
  }

  private FakeDisk disk() {
    if (disk == null) {
      throw new AssertionError("not open");
    }
    return disk;
  }

  private void lead(PartitionReplica replica, int epoch, int... inSync) {
    NodeIds nodes = NodeIds.of(inSync);
    replica.become(new PartitionImage(SELF, epoch, epoch, nodes, nodes, NodeIds.NONE), 1, wakeups);
  }

  private void followerFetched(PartitionReplica replica, int follower, long offset) {
    FollowerProgress progress =
        new FollowerProgress(
            follower, FollowerProgress.UNKNOWN_BROKER, replica.leaderEpoch(), offset, 1);
    assertNull(replica.followerFetched(progress, wakeups));
  }

  private long append(PartitionReplica replica, int acks) {
    ReplicaAppend append =
        replica.append(TestBatch.ofRecords(1).build(), acks, TestLogs.NOW_MS, wakeups);
    AppendOutcome outcome = assertInstanceOf(ReplicaAppend.Answered.class, append).outcome();
    return assertInstanceOf(AppendOutcome.Appended.class, outcome).lastOffset();
  }

  @Test
  void ackComesOnlyWhenTheFsyncHasEnded() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    RecordedAck one = new RecordedAck();
    RecordedAck all = new RecordedAck();

    long offset = append(replica, 1);
    assertFalse(replica.mayAcknowledge(1, offset));
    assertNotNull(replica.awaitAck(1, offset, 0, one));
    assertNotNull(replica.awaitAck(ALL, offset, 0, all));
    assertEquals(0, replica.highWatermark(), "no consumer is given what could be lost");
    assertEquals(0, one.settled + all.settled);
    disk().letSyncsPass();

    await().untilAsserted(() -> assertEquals(2, one.runs() + all.runs()));
    assertNull(one.refusal);
    assertNull(all.refusal);
    assertEquals(1, replica.highWatermark());
  }

  @Test
  void acksAllWaitsForTheFollowerAndForTheDisk() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF, 2);
    disk().holdSyncs();
    RecordedAck one = new RecordedAck();
    RecordedAck all = new RecordedAck();
    long offset = append(replica, ALL);
    replica.awaitAck(1, offset, 0, one);
    replica.awaitAck(ALL, offset, 0, all);

    followerFetched(replica, 2, 1);
    assertEquals(0, replica.highWatermark());
    disk().letSyncsPass();
    await().untilAsserted(() -> assertEquals(2, one.runs() + all.runs()));

    lead(replica, 1, SELF, 2);
    RecordedAck next = new RecordedAck();
    long second = append(replica, ALL);
    replica.awaitAck(ALL, second, 1, next);
    await().until(() -> replica.mayAcknowledge(1, second));
    assertEquals(0, next.settled, "the follower does not have it");
    followerFetched(replica, 2, 2);
    wakeups.run();
    assertEquals(1, next.runs());
  }

  @Test
  void acksAreRefusedWhenTheRoleChanges() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    RecordedAck led = new RecordedAck();
    replica.awaitAck(1, append(replica, 1), 0, led);

    replica.become(
        new PartitionImage(2, 1, 1, NodeIds.of(1, 2), NodeIds.of(1, 2), NodeIds.NONE), 1, wakeups);
    wakeups.run();

    assertEquals(Refusal.NOT_LEADER, led.refusal);
    assertEquals(1, led.runs());
  }

  @Test
  void acksAreRefusedWhenThePartitionGoesOffline() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    RecordedAck parked = new RecordedAck();
    RecordedAck late = new RecordedAck();
    long offset = append(replica, 1);
    replica.awaitAck(1, offset, 0, parked);

    replica.goOffline("the disk is gone", wakeups);
    wakeups.run();
    assertNull(replica.awaitAck(1, offset, 0, late));

    assertEquals(Refusal.STORAGE_FAILED, parked.refusal);
    assertEquals(Refusal.STORAGE_FAILED, late.refusal);
  }

  @Test
  void oneThatGaveUpIsNotSettled() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    RecordedAck gone = new RecordedAck();
    RecordedAck stays = new RecordedAck();
    long offset = append(replica, 1);
    Ticket ticket = replica.awaitAck(1, offset, 0, gone);
    replica.awaitAck(1, offset, 0, stays);

    assertNotNull(ticket);
    assertTrue(ticket.leave());
    disk().letSyncsPass();
    await().untilAsserted(() -> assertEquals(1, stays.runs()));

    assertEquals(0, gone.settled);
  }

  @Test
  void acksAreReleasedWhenTheTopicAsksForFlushesNoMore() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    RecordedAck ack = new RecordedAck();
    replica.awaitAck(ALL, append(replica, ALL), 0, ack);

    replica.updateSettings(LogSettings.defaults());

    assertEquals(1, ack.runs());
    assertNull(ack.refusal);
  }

  @Test
  void manyProducersShareAFewFsyncs() throws StorageException {
    PartitionReplica replica = open(1, EACH_FLUSHED);
    lead(replica, 0, SELF);
    disk().holdSyncs();
    List<RecordedAck> acks = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      RecordedAck ack = new RecordedAck();
      replica.awaitAck(1, append(replica, 1), 0, ack);
      acks.add(ack);
    }
    long before = disk().operations();

    disk().letSyncsPass();
    await().until(() -> acks.stream().allMatch(ack -> ack.runs() == 1));

    long operations = disk().operations() - before;
    assertTrue(operations < 50, operations + " writes and fsyncs for 500 appends");
  }

  /** Producers at work, a power loss at any moment: what was acknowledged is there afterwards. */
  @Test
  void everythingAcknowledgedSurvivesAPowerLoss() throws Exception {
    for (long seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      PartitionReplica replica = open(seed, EACH_FLUSHED);
      lead(replica, 0, SELF);
      AtomicLong acknowledged = new AtomicLong(-1);
      int enough = random.nextInt(60);
      AtomicInteger acks = new AtomicInteger();
      List<Thread> producers =
          IntStream.range(0, 3)
              .mapToObj(i ->
                  Thread.ofPlatform()
                      .start(() -> produce(replica, i == 0 ? ALL : 1, acknowledged, acks)))
              .toList();
      await().until(() -> acks.get() >= enough);

      long promised = acknowledged.get();
      FakeDisk.Tearing[] tearings = FakeDisk.Tearing.values();
      disk().crash(tearings[random.nextInt(tearings.length)]);
      for (Thread producer : producers) {
        producer.join();
      }
      long found = logEndAfterRestart();

      assertTrue(found > promised, "seed " + seed + ": " + promised + " of " + found);
    }
  }

  private static void produce(
      PartitionReplica replica, int acks, AtomicLong acknowledged, AtomicInteger count) {
    Wakeups own = new Wakeups();
    for (int i = 0; i < 40; i++) {
      ReplicaAppend append =
          replica.append(TestBatch.ofRecords(1).build(), acks, TestLogs.NOW_MS, own);
      own.run();
      if (!(append instanceof ReplicaAppend.Answered(AppendOutcome.Appended appended, _))) {
        return;
      }
      long offset = appended.lastOffset();
      replica.awaitAck(acks, offset, 0, new CountingAck(offset, acknowledged, count));
    }
  }

  private record CountingAck(long offset, AtomicLong highest, AtomicInteger count)
      implements AckWaiter {
    @Override
    public WakeTarget home() {
      return TestLoop.here();
    }

    @Override
    public void settle(@Nullable Refusal refusal) {
      if (refusal == null) {
        highest.accumulateAndGet(offset, Math::max);
        count.incrementAndGet();
      }
    }

    @Override
    public void run() {}
  }

  private long logEndAfterRestart() throws Exception {
    LogDirectories dead = logs;
    if (dead != null) {
      try {
        dead.close();
      } catch (StorageException crashed) {
        assertNotNull(crashed.getMessage());
      }
    }
    LogDirectories again = TestLogs.open(disk(), directory);
    try {
      CompletionStage<PartitionLog> found = again.found().get(ID);
      // A power loss may also undo the creation, as long as nothing was flushed.
      return found == null ? 0 : found.toCompletableFuture().get().logEndOffset();
    } finally {
      again.close();
      logs = null;
    }
  }
}
