package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendError;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One replica in all of its roles, over a real log on a disk in memory. */
final class PartitionReplicaTest {

  private static final int SELF = 1;
  private static final LogId ID = new LogId("pipe", new UUID(3, 4), 0);
  private static final int MAX_BYTES = 1 << 20;

  @TempDir private Path directory;

  private final FakeDisk disk = new FakeDisk(1);
  private final Wakeups wakeups = new Wakeups();
  private LogDirectories logs;
  private PartitionReplica replica;

  @BeforeEach
  void open() throws StorageException {
    logs = TestLogs.open(disk, directory);
    replica = new PartitionReplica(SELF, logs.create(ID, LogSettings.defaults()));
  }

  @AfterEach
  void close() throws StorageException {
    disk.healWrites();
    logs.close();
  }

  private static PartitionImage image(int leader, int leaderEpoch, NodeIds inSync) {
    return new PartitionImage(
        leader, leaderEpoch, leaderEpoch, NodeIds.of(1, 2, 3), inSync, NodeIds.NONE);
  }

  private void leadAlone(int leaderEpoch) {
    replica.become(
        new PartitionImage(
            SELF, leaderEpoch, leaderEpoch, NodeIds.of(SELF), NodeIds.of(SELF), NodeIds.NONE),
        1,
        wakeups);
  }

  private void leadWithFollower(int leaderEpoch) {
    replica.become(image(SELF, leaderEpoch, NodeIds.of(1, 2)), 2, wakeups);
  }

  private void followerFetched(int follower, long offset) {
    FollowerProgress progress =
        new FollowerProgress(
            follower, FollowerProgress.UNKNOWN_BROKER, replica.leaderEpoch(), offset, 1);
    assertNull(replica.followerFetched(progress, wakeups));
  }

  private ReplicaAppend append(int records, int acks) {
    return replica.append(TestBatch.ofRecords(records).build(), acks, TestLogs.NOW_MS, wakeups);
  }

  private static Refusal refusalOf(ReplicaAppend append) {
    return assertInstanceOf(ReplicaAppend.Refused.class, append).refusal();
  }

  private ReplicaRead read(long offset, int currentLeaderEpoch, ReadLimit limit) {
    return replica.read(
        new ReadRequest(offset, currentLeaderEpoch, -1, MAX_BYTES, limit, true, true));
  }

  private static Refusal refusalOf(ReplicaRead read) {
    return assertInstanceOf(ReplicaRead.Refused.class, read).refusal();
  }

  private static int sizeOf(ReplicaRead read) {
    ReplicaRead.Records records = assertInstanceOf(ReplicaRead.Records.class, read);
    int size = records.slice().size();
    records.slice().release();
    return size;
  }

  @Test
  void appendsOnlyWhileItLeads() {
    assertEquals(Refusal.NOT_LEADER, refusalOf(append(1, 1)));

    leadAlone(0);
    assertInstanceOf(ReplicaAppend.Answered.class, append(1, 1));

    replica.become(image(2, 1, NodeIds.of(1, 2)), 1, wakeups);
    assertEquals(Refusal.NOT_LEADER, refusalOf(append(1, 1)));
    assertEquals(1, replica.logEndOffset());
  }

  @Test
  void leaderAloneCommitsAtOnce() {
    leadAlone(0);

    ReplicaAppend.Answered answered =
        assertInstanceOf(ReplicaAppend.Answered.class, append(3, PartitionReplica.ACKS_ALL));

    AppendOutcome.Appended appended =
        assertInstanceOf(AppendOutcome.Appended.class, answered.outcome());
    assertEquals(0, appended.firstOffset());
    assertEquals(2, appended.lastOffset());
    assertEquals(3, replica.highWatermark());
    RecordedAck ack = new RecordedAck();
    assertNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 2, 0, ack));
    assertEquals(1, ack.settled);
    assertNull(ack.refusal);
  }

  @Test
  void appendIsRefusedWhereTooFewAreInSyncForAcksAll() {
    replica.become(image(SELF, 0, NodeIds.of(SELF)), 2, wakeups);

    assertEquals(Refusal.NOT_ENOUGH_REPLICAS, refusalOf(append(1, PartitionReplica.ACKS_ALL)));
    assertInstanceOf(ReplicaAppend.Answered.class, append(1, 1));

    assertEquals(0, replica.highWatermark(), "what only the leader has is not committed");
  }

  @Test
  void ackWaitsForTheFollowerInSync() {
    leadWithFollower(0);
    append(2, PartitionReplica.ACKS_ALL);
    RecordedAck ack = new RecordedAck();

    assertNotNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 1, 0, ack));
    followerFetched(2, 1);
    wakeups.run();
    assertEquals(0, ack.settled);
    followerFetched(2, 2);
    wakeups.run();

    assertEquals(1, ack.runs());
    assertNull(ack.refusal);
    assertEquals(2, replica.highWatermark());
  }

  @Test
  void whoWaitsForOthersIsLetGoWhenNothingIsHeardOfThem() {
    leadWithFollower(0);
    append(1, PartitionReplica.ACKS_ALL);
    RecordedAck waiting = new RecordedAck();
    assertNotNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, waiting));

    replica.cutOff(wakeups);
    wakeups.run();

    assertEquals(Refusal.NOT_LEADER, waiting.refusal);
    assertEquals(1, replica.logEndOffset(), "it is stored, and may be committed yet");
  }

  @Test
  void ackIsRefusedAfterTheAppendWhenTooFewAreInSyncByThen() {
    leadWithFollower(0);
    append(1, PartitionReplica.ACKS_ALL);
    RecordedAck waiting = new RecordedAck();
    RecordedAck late = new RecordedAck();
    assertNotNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, waiting));

    replica.become(
        new PartitionImage(SELF, 0, 1, NodeIds.of(1, 2, 3), NodeIds.of(SELF), NodeIds.of(2)),
        2,
        wakeups);
    wakeups.run();
    assertNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, late));

    assertEquals(Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND, waiting.refusal);
    assertEquals(1, waiting.runs());
    assertEquals(Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND, late.refusal);
    assertEquals(1, replica.logEndOffset(), "it is stored, and may be committed yet");
    assertEquals(0, replica.highWatermark());
  }

  @Test
  void ackFailsWhenTheLeadershipIsLost() {
    leadWithFollower(0);
    append(1, PartitionReplica.ACKS_ALL);
    RecordedAck ack = new RecordedAck();
    replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, ack);

    replica.become(image(2, 1, NodeIds.of(1, 2)), 2, wakeups);
    wakeups.run();

    assertEquals(Refusal.NOT_LEADER, ack.refusal);
    assertEquals(1, ack.runs());
  }

  @Test
  void ackOfAnEarlierTermDoesNotWaitInTheNextOne() {
    leadWithFollower(0);
    append(1, PartitionReplica.ACKS_ALL);
    leadWithFollower(1);
    RecordedAck ack = new RecordedAck();

    assertNull(replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, ack));

    assertEquals(Refusal.NOT_LEADER, ack.refusal);
  }

  @Test
  void shrunkIsrCommitsWhatWaitedForTheLostFollower() {
    replica.become(image(SELF, 0, NodeIds.of(1, 2)), 1, wakeups);
    append(1, PartitionReplica.ACKS_ALL);
    RecordedAck ack = new RecordedAck();
    replica.awaitAck(PartitionReplica.ACKS_ALL, 0, 0, ack);

    replica.become(
        new PartitionImage(SELF, 0, 1, NodeIds.of(1, 2, 3), NodeIds.of(SELF), NodeIds.NONE),
        1,
        wakeups);
    wakeups.run();

    assertEquals(1, ack.runs());
    assertNull(ack.refusal);
  }

  @Test
  void consumersSeeOnlyWhatIsCommittedAndFollowersEverything() {
    leadWithFollower(0);
    append(1, 1);

    assertInstanceOf(ReplicaRead.Nothing.class, read(0, 0, ReadLimit.HIGH_WATERMARK));
    int size = sizeOf(read(0, 0, ReadLimit.LOG_END));
    followerFetched(2, 1);

    assertEquals(size, sizeOf(read(0, 0, ReadLimit.HIGH_WATERMARK)));
  }

  @Test
  void readersOfAnotherEpochAreToldSo() {
    leadAlone(4);

    assertEquals(Refusal.FENCED_LEADER_EPOCH, refusalOf(read(0, 3, ReadLimit.HIGH_WATERMARK)));
    assertEquals(Refusal.UNKNOWN_LEADER_EPOCH, refusalOf(read(0, 5, ReadLimit.HIGH_WATERMARK)));
    assertInstanceOf(ReplicaRead.Nothing.class, read(0, 4, ReadLimit.HIGH_WATERMARK));
    assertInstanceOf(ReplicaRead.Nothing.class, read(0, -1, ReadLimit.HIGH_WATERMARK));
  }

  @Test
  void offsetOutsideOfTheLogIsRefused() {
    leadAlone(0);
    append(2, 1);

    assertEquals(Refusal.OFFSET_OUT_OF_RANGE, refusalOf(read(3, 0, ReadLimit.HIGH_WATERMARK)));
    assertEquals(Refusal.OFFSET_OUT_OF_RANGE, refusalOf(read(-1, 0, ReadLimit.HIGH_WATERMARK)));
    assertInstanceOf(ReplicaRead.Nothing.class, read(2, 0, ReadLimit.HIGH_WATERMARK));
  }

  @Test
  void followerWhoseLogPartedIsToldWhere() {
    leadAlone(0);
    append(2, 1);
    leadAlone(3);
    append(2, 1);

    ReplicaRead read =
        replica.read(new ReadRequest(4, 3, 1, MAX_BYTES, ReadLimit.LOG_END, true, true));

    ReplicaRead.Diverged diverged = assertInstanceOf(ReplicaRead.Diverged.class, read);
    assertEquals(0, diverged.epoch());
    assertEquals(2, diverged.endOffset());
    assertEquals(new EpochEnd(0, 2), replica.endOfEpoch(1));
  }

  @Test
  void parkedFetchIsWokenByTheAppendThatSatisfiesIt() {
    leadAlone(0);
    RecordedFetch fetch = new RecordedFetch(1);

    Ticket ticket = replica.awaitBytes(ReadLimit.HIGH_WATERMARK, 0, replica.role(), fetch);
    assertNotNull(ticket);
    append(1, 1);
    wakeups.run();

    assertEquals(1, fetch.runs);
    assertTrue(ticket.leave());
  }

  @Test
  void fetchIsNotParkedWhereSomethingCameMeanwhile() {
    leadAlone(0);
    ReplicaRole seen = replica.role();
    append(1, 1);

    assertNull(replica.awaitBytes(ReadLimit.HIGH_WATERMARK, 0, seen, new RecordedFetch(1)));
    leadAlone(1);
    assertNull(replica.awaitBytes(ReadLimit.HIGH_WATERMARK, 1, seen, new RecordedFetch(1)));
  }

  @Test
  void parkedFetchIsWokenWhenThePartitionGoesAway() {
    leadAlone(0);
    RecordedFetch fetch = new RecordedFetch(1);
    replica.awaitBytes(ReadLimit.HIGH_WATERMARK, 0, replica.role(), fetch);

    replica.goOffline("deleted", wakeups);
    wakeups.run();

    assertEquals(1, fetch.runs);
    assertEquals(Refusal.STORAGE_FAILED, refusalOf(read(0, 0, ReadLimit.HIGH_WATERMARK)));
  }

  @Test
  void committedEndIsUnknownUntilTheWatermarkReachesTheTerm() {
    leadWithFollower(0);
    append(3, 1);
    leadWithFollower(1);

    assertTrue(replica.committedEndUnknown());
    followerFetched(2, 3);

    assertEquals(false, replica.committedEndUnknown());
  }

  @Test
  void rejectedBatchChangesNothing() {
    leadAlone(0);
    java.nio.ByteBuffer batch = TestBatch.ofRecords(1).build();
    batch.put(batch.limit() - 1, (byte) (batch.get(batch.limit() - 1) + 1));

    ReplicaAppend.Answered answered =
        assertInstanceOf(
            ReplicaAppend.Answered.class, replica.append(batch, 1, TestLogs.NOW_MS, wakeups));

    assertEquals(
        AppendError.CORRUPT,
        assertInstanceOf(AppendOutcome.Rejected.class, answered.outcome()).error());
    assertEquals(0, replica.logEndOffset());
    assertEquals(0, replica.highWatermark());
  }

  @Test
  void fullDiskRefusesAppendsAndHeals() {
    leadAlone(0);
    append(1, 1);
    disk.limitCapacity(disk.usedBytes());

    assertEquals(Refusal.STORAGE_FAILED, refusalOf(append(500, 1)));
    assertInstanceOf(ReplicaRead.Records.class, read(0, 0, ReadLimit.HIGH_WATERMARK));
    disk.limitCapacity(Long.MAX_VALUE);

    assertInstanceOf(ReplicaAppend.Answered.class, append(1, 1));
    assertEquals(2, replica.logEndOffset());
  }

  @Test
  void failingDiskTakesThePartitionOffline() {
    leadAlone(0);
    disk.failWritesFrom(0);

    assertEquals(Refusal.STORAGE_FAILED, refusalOf(append(1, 1)));
    assertInstanceOf(ReplicaRole.Offline.class, replica.role());
    disk.healWrites();

    assertEquals(Refusal.STORAGE_FAILED, refusalOf(append(1, 1)));
  }

  @Test
  void deletesOnlyCommittedRecords() throws StorageException {
    leadWithFollower(0);
    append(5, 1);
    followerFetched(2, 3);

    assertEquals(Refusal.OFFSET_OUT_OF_RANGE, replica.deleteRecordsBefore(4));
    assertEquals(Refusal.OFFSET_OUT_OF_RANGE, replica.deleteRecordsBefore(-2));
    assertNull(replica.deleteRecordsBefore(-1));

    assertEquals(3, replica.logStartOffset());
  }
}
