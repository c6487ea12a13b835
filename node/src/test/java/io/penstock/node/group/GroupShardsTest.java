package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import io.penstock.node.api.DataNode;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionReplica;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One shard on a replica with two followers, which come forward when the test says so. */
@Timeout(60)
class GroupShardsTest {

  private static final int IN_SYNC = 2;
  private static final int VERSION = 9;

  @TempDir private Path directory;
  private final AtomicBoolean cutOff = new AtomicBoolean();
  private DataNode node;
  private GroupShards shards;
  private OffsetCommits commits;
  private OffsetFetches fetches;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(cutOff::get);
    node.registry.addRoleObserver(shards);
    commits = new OffsetCommits(shards, node.plane::image, 4_096);
    fetches = new OffsetFetches(shards, node.plane::image);
    node.createTopic("read", 1);
    node.createReplicatedTopic(OffsetsTopic.NAME, IN_SYNC);
    Awaitility.await().untilAsserted(() -> assertEquals(-1, committed(fetch())));
  }

  @AfterEach
  void close() throws Exception {
    shards.close();
    node.close();
  }

  @Test
  void aCommitIsAnsweredAndReadWhenTheFollowersHaveIt() throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit = commit(5);
    CompletableFuture<OffsetFetchResponseGroup> read = fetch();
    awaitLogEnd(1);
    assertFalse(commit.isDone());
    assertFalse(read.isDone());

    followersHave(1);

    assertEquals(Errors.NONE, error(commit));
    assertEquals(5, committed(read));
  }

  @Test
  void aCommitOfALeaderThatIsReplacedSendsItsClientToTheNextOne() throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit = commit(5);
    awaitLogEnd(1);

    node.fenceSelf();

    assertEquals(Errors.NOT_COORDINATOR, error(commit));
    assertEquals(Errors.NOT_COORDINATOR, error(commit(6)));
  }

  @Test
  void nothingIsTakenWhileTooFewReplicasAreInSync() throws Exception {
    node.fence(2);
    node.fence(3);
    node.awaitApplied(DataNode.idOf(OffsetsTopic.NAME));

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, error(commit(5)));
    assertEquals(0, node.replica(OffsetsTopic.NAME, 0).logEndOffset());
  }

  @Test
  void aNodeThatIsCutOffFromTheQuorumCoordinatesNothing() throws Exception {
    cutOff.set(true);

    assertEquals(Errors.NOT_COORDINATOR, error(commit(5)));
  }

  @Test
  void aDefectInAnEventIsToldAndTheShardIsReadAnew() throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit = commit(5);
    awaitLogEnd(1);
    followersHave(1);
    assertEquals(Errors.NONE, error(commit));
    CompletableFuture<Errors> told = new CompletableFuture<>();

    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> {
          throw new IllegalStateException("a defect");
        },
        error -> error,
        told::complete);

    assertEquals(Errors.UNKNOWN_SERVER_ERROR, told.get(30, TimeUnit.SECONDS));
    Awaitility.await().untilAsserted(() -> assertEquals(5, committed(fetch())));
  }

  @Test
  void anErrorInAnEventIsToldAndTheShardIsReadAnew() throws Exception {
    CompletableFuture<Errors> told = new CompletableFuture<>();
    CompletableFuture<String> other = new CompletableFuture<>();

    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> {
          effects.answer(other::complete, "what another one was waiting for");
          throw new StackOverflowError("a group of groups");
        },
        error -> error,
        told::complete);

    assertEquals(Errors.UNKNOWN_SERVER_ERROR, told.get(30, TimeUnit.SECONDS));
    assertEquals("what another one was waiting for", other.get(30, TimeUnit.SECONDS));
    Awaitility.await()
        .untilAsserted(() -> assertEquals(Errors.NONE.code(), fetch().get().errorCode()));
  }

  @Test
  void whatWaitsBehindADefectDoesNotHappenOnWhatItLeft() throws Exception {
    CompletableFuture<Errors> told = new CompletableFuture<>();
    CompletableFuture<Errors> behind = new CompletableFuture<>();
    CountDownLatch bothWait = new CountDownLatch(1);
    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> {
          awaitLatch(bothWait);
          throw new IllegalStateException("a defect");
        },
        error -> error,
        told::complete);

    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> effects.answer(reply, Errors.NONE),
        error -> error,
        behind::complete);
    bothWait.countDown();

    assertEquals(Errors.UNKNOWN_SERVER_ERROR, told.get(30, TimeUnit.SECONDS));
    assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS, behind.get(30, TimeUnit.SECONDS));
  }

  @Test
  void whoWaitsForTheLogInAShardThatBreaksIsSentToItsSuccessor() throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit = commit(5);
    awaitLogEnd(1);

    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> {
          throw new IllegalStateException("a defect");
        },
        error -> error,
        _ -> {});

    assertEquals(Errors.NOT_COORDINATOR, error(commit));
    followersHave(1);
    Awaitility.await().untilAsserted(() -> assertEquals(5, committed(fetch())));
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  @Test
  void aRecordThatCannotBeEncodedFailsItsEventOnly() throws Exception {
    CompletableFuture<Errors> told = new CompletableFuture<>();
    CompletableFuture<String> other = new CompletableFuture<>();
    GroupSnapshot snapshot =
        new GroupSnapshot("g", "c".repeat(40_000), 1, null, null, DataNode.NOW_MS, List.of());

    shards.<Errors>ask(
        "g",
        (groups, nowMs, reply, effects) -> {
          groups.put(new ClassicGroup("g", ClassicSettings.standard(), nowMs));
          effects.answer(other::complete, "sent");
          effects.store(new GroupRecord.Stored(snapshot));
          effects.answerWhenStored(reply, Errors.NONE, failure -> failure);
        },
        error -> error,
        told::complete);

    assertEquals(Errors.UNKNOWN_SERVER_ERROR, told.get(30, TimeUnit.SECONDS));
    assertEquals("sent", other.get(30, TimeUnit.SECONDS));
    CompletableFuture<Boolean> isThere = new CompletableFuture<>();
    shards.<Boolean>ask(
        "g",
        (groups, nowMs, reply, effects) -> effects.answer(reply, groups.find("g") != null),
        error -> false,
        isThere::complete);
    assertEquals(true, isThere.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aPartitionThatIsNamedAgainIsCommittedOnceWithTheLastOffset() throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit =
        commits.commit(commitOf("g", topicOf(5), topicOf(6, 7)), VERSION);
    awaitLogEnd(1);

    followersHave(1);

    assertEquals(Errors.NONE, error(commit));
    assertEquals(2, commit.get().topics().get(1).partitions().size());
    assertEquals(7, committed(fetch()));
  }

  @Test
  void aPartitionThatIsNamedAgainIsToldOnce() throws Exception {
    OffsetFetchRequestTopics topic = new OffsetFetchRequestTopics().setName("read");
    OffsetFetchRequestGroup request =
        new OffsetFetchRequestGroup()
            .setGroupId("g")
            .setTopics(
                List.of(
                    topic.setPartitionIndexes(List.of(0, 0, 0)),
                    topic.duplicate().setPartitionIndexes(List.of(0, 1))));

    OffsetFetchResponseGroup answer = fetches.fetch(request, false).get(30, TimeUnit.SECONDS);

    assertEquals(1, answer.topics().get(0).partitions().size());
    assertEquals(1, answer.topics().get(1).partitions().size());
    assertEquals(1, answer.topics().get(1).partitions().getFirst().partitionIndex());
  }

  @Test
  void offsetsAreNotCommittedUnderANameWithoutBound() throws Exception {
    String name = "g".repeat(GroupLimits.GROUP_ID_CHARS_MAX + 1);

    assertEquals(
        Errors.INVALID_GROUP_ID, error(commits.commit(commitOf(name, topicOf(5)), VERSION)));
  }

  @Test
  void aCommitThatIsLargerThanABatchIsRefusedAndTheShardGoesOn() throws Exception {
    int partitions = 900;
    node.createTopic("wide", partitions);
    OffsetCommitRequestTopic wide = new OffsetCommitRequestTopic().setName("wide");
    for (int i = 0; i < partitions; i++) {
      wide.partitions()
          .add(
              new OffsetCommitRequestPartition()
                  .setPartitionIndex(i)
                  .setCommittedMetadata("\u20ac".repeat(4_096)));
    }

    assertEquals(
        Errors.INVALID_COMMIT_OFFSET_SIZE, error(commits.commit(commitOf("g", wide), VERSION)));
    assertEquals(0, node.replica(OffsetsTopic.NAME, 0).logEndOffset());
    assertEquals(-1, committed(fetch()));
  }

  @Test
  void whereMemoryIsUsedUpWhatIsThereGoesOnAndNothingNewComes() throws Exception {
    commitAndStore(5);
    try (GroupShards full = node.groupShards(() -> false, 1)) {
      full.assigned(node.replica(OffsetsTopic.NAME, 0), partition());
      fetches = new OffsetFetches(full, node.plane::image);
      Awaitility.await()
          .untilAsserted(() -> assertEquals(Errors.NONE.code(), fetch().get().errorCode()));
      OffsetCommits tight = new OffsetCommits(full, node.plane::image, 4_096);
      CompletableFuture<OffsetCommitResponseData> known =
          tight.commit(commitOf("g", topicOf(6)), VERSION);
      awaitLogEnd(2);

      assertEquals(
          Errors.POLICY_VIOLATION, error(tight.commit(commitOf("another", topicOf(6)), VERSION)));
      followersHave(2);
      assertEquals(Errors.NONE, error(known));
    }
  }

  @Test
  void aReplicaThatIsGoneDoesNotEndTheShardOfTheOneThatFollowsIt() throws Exception {
    PartitionReplica gone = node.replica(OffsetsTopic.NAME, 0);
    try (DataNode again = new DataNode(directory.resolve("again"))) {
      again.createReplicatedTopic(OffsetsTopic.NAME, IN_SYNC);
      PartitionReplica follows = again.replica(OffsetsTopic.NAME, 0);
      assertEquals(gone.leaderEpoch(), follows.leaderEpoch());

      shards.assigned(follows, partition());
      shards.removed(gone);

      Awaitility.await().untilAsserted(() -> assertEquals(-1, committed(fetch())));
      CompletableFuture<OffsetCommitResponseData> commit = commit(5);
      Awaitility.await().untilAsserted(() -> assertEquals(1, follows.logEndOffset()));
      shards.removed(follows);
      assertEquals(Errors.NOT_COORDINATOR, error(commit));
    }
  }

  @Test
  void tellsHowMuchThereIs() throws Exception {
    commitAndStore(5);

    assertEquals(1L, gauge("penstock.groups.offsets.count"));
    assertEquals(1L, gauge("penstock.groups.shards.active"));
    assertEquals(1, node.metrics.meter("penstock.groups.offsets.committed").getCount());
    long bytes = (long) gauge("penstock.groups.memory.bytes");
    assertTrue(bytes > 0, () -> bytes + " bytes");

    node.fenceSelf();

    Awaitility.await().untilAsserted(() -> assertEquals(0L, gauge("penstock.groups.memory.bytes")));
    assertEquals(0L, gauge("penstock.groups.offsets.count"));
  }

  private void commitAndStore(long offset) throws Exception {
    CompletableFuture<OffsetCommitResponseData> commit = commit(offset);
    awaitLogEnd(1);
    followersHave(1);
    assertEquals(Errors.NONE, error(commit));
  }

  private Object gauge(String name) {
    Gauge<?> gauge = node.metrics.getGauges().get(name);
    assertNotNull(gauge, name);
    return gauge.getValue();
  }

  private PartitionImage partition() {
    PartitionImage partition =
        node.plane.image().leadership().partition(DataNode.idOf(OffsetsTopic.NAME), 0);
    assertNotNull(partition);
    return partition;
  }

  private CompletableFuture<OffsetCommitResponseData> commit(long offset) {
    return commits.commit(commitOf("g", topicOf(offset)), VERSION);
  }

  private static OffsetCommitRequestData commitOf(
      String groupId, OffsetCommitRequestTopic... topics) {
    return new OffsetCommitRequestData().setGroupId(groupId).setTopics(List.of(topics));
  }

  /** Partition 0, once for each of these offsets. */
  private static OffsetCommitRequestTopic topicOf(long... offsets) {
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName("read");
    for (long offset : offsets) {
      topic
          .partitions()
          .add(new OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(offset));
    }
    return topic;
  }

  private CompletableFuture<OffsetFetchResponseGroup> fetch() {
    return fetches.fetch(new OffsetFetchRequestGroup().setGroupId("g").setTopics(null), false);
  }

  private static Errors error(CompletableFuture<OffsetCommitResponseData> commit) throws Exception {
    OffsetCommitResponseData answer = commit.get(30, TimeUnit.SECONDS);
    return Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
  }

  private static long committed(CompletableFuture<OffsetFetchResponseGroup> fetch)
      throws Exception {
    OffsetFetchResponseGroup answer = fetch.get(30, TimeUnit.SECONDS);
    assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
    return answer.topics().isEmpty()
        ? -1
        : answer.topics().getFirst().partitions().getFirst().committedOffset();
  }

  private void awaitLogEnd(long offset) {
    Awaitility.await()
        .untilAsserted(
            () -> assertEquals(offset, node.replica(OffsetsTopic.NAME, 0).logEndOffset()));
  }

  private void followersHave(long offset) {
    node.followerFetched(OffsetsTopic.NAME, 2, offset);
    node.followerFetched(OffsetsTopic.NAME, 3, offset);
    node.loop.runRound();
  }
}
