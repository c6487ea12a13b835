package io.penstock.node.group.lag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import io.penstock.node.api.DataNode;
import io.penstock.node.group.GroupPosition;
import io.penstock.node.group.GroupPositions;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.OffsetCommits;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import io.penstock.storage.batch.TestBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Coordinator and leader are one node, but for what a fake network answers. */
@Timeout(60)
class LagWatchTest {

  private static final long FIRST_MS = DataNode.NOW_MS - 60_000;
  private static final long SECOND_MS = DataNode.NOW_MS - 20_000;

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;
  private OffsetCommits commits;
  private ProgressHandler here;
  private final Elsewhere elsewhere = new Elsewhere();
  private LagWatch watch;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    node.registry.addRoleObserver(shards);
    commits = new OffsetCommits(shards, node.plane::image, 4_096);
    node.createTopic("read", 2);
    node.createTopic(OffsetsTopic.NAME, 1);
    here = new ProgressHandler(node.registry);
    watch =
        new LagWatch(
            new LagWatch.Environment(
                DataNode.SELF,
                new GroupPositions(shards),
                here,
                node.plane::image,
                elsewhere,
                () -> DataNode.NOW_MS),
            new LagMetrics(node.metrics, 100));
    Awaitility.await().untilAsserted(() -> assertEquals(Errors.NONE, commit("g", "read", 0, 0)));
  }

  @AfterEach
  void close() throws Exception {
    watch.close();
    here.close();
    shards.close();
    node.close();
  }

  @Test
  void tellsRecordsAndTheAgeOfTheFirstThatIsNotConsumed() throws Exception {
    appendTwoBatches();
    assertEquals(Errors.NONE, commit("g", "read", 0, 3));

    watch.look();

    PartitionLag lag = lagOf("g", "read", 0);
    assertEquals(7, lag.records());
    assertEquals(DataNode.NOW_MS - SECOND_MS, lag.ms());
    assertEquals(7, group().records());
  }

  @Test
  void takesTheTimeOfTheBatchThatTheRecordIsIn() throws Exception {
    appendTwoBatches();
    assertEquals(Errors.NONE, commit("g", "read", 0, 2));

    watch.look();

    assertEquals(DataNode.NOW_MS - FIRST_MS, lagOf("g", "read", 0).ms());
  }

  @Test
  void tellsNoLagOfAGroupThatHasConsumedEverything() throws Exception {
    appendTwoBatches();
    assertEquals(Errors.NONE, commit("g", "read", 0, 10));
    assertEquals(Errors.NONE, commit("g", "read", 1, 0));

    watch.look();

    assertEquals(0, group().records());
    assertEquals(0, group().ms());
  }

  @Test
  void remembersTheTimeOfARecordUntilTheGroupGoesOn() throws Exception {
    appendTwoBatches();
    assertEquals(Errors.NONE, commit("g", "read", 0, 1));
    watch.look();

    watch.look();
    assertEquals(DataNode.NOW_MS - FIRST_MS, lagOf("g", "read", 0).ms());
    assertEquals(Errors.NONE, commit("g", "read", 0, 4));
    watch.look();

    assertEquals(6, lagOf("g", "read", 0).records());
    assertEquals(DataNode.NOW_MS - SECOND_MS, lagOf("g", "read", 0).ms());
  }

  @Test
  void countsRecordsThatAreGoneNoMore() throws Exception {
    appendTwoBatches();
    assertNull(node.replica("read", 0).deleteRecordsBefore(3));

    watch.look();

    assertEquals(7, lagOf("g", "read", 0).records());
    assertEquals(DataNode.NOW_MS - SECOND_MS, lagOf("g", "read", 0).ms());
  }

  @Test
  void asksTheLeaderOfAPartitionThatIsLedElsewhere() throws Exception {
    node.createTopicElsewhere("far");
    assertEquals(Errors.NONE, commit("g", "far", 0, 40));
    elsewhere.answer = new Progress(0, 42, DataNode.NOW_MS - 5);

    watch.look();
    watch.look();

    assertEquals(2, lagOf("g", "far", 0).records());
    assertEquals(5, lagOf("g", "far", 0).ms());
    assertEquals(
        List.of(true, false), elsewhere.asked.stream().map(Progress.Question::withTime).toList());
  }

  @Test
  void doesNotKnowTheLagWhereTheLeaderIsSilent() throws Exception {
    node.createTopicElsewhere("far");
    assertEquals(Errors.NONE, commit("g", "far", 0, 40));

    watch.look();

    assertEquals(PartitionLag.UNKNOWN, lagOf("g", "far", 0).records());
    assertEquals(PartitionLag.UNKNOWN, lagOf("g", "far", 0).ms());
    assertEquals(0, group().records());
    assertEquals(0L, gauge("penstock.group.lag.records{group=\"g\"}"));
    assertTrue(node.metrics.getGauges().keySet().stream().noneMatch(name -> name.contains("far")));
  }

  @Test
  void countsFromWhereTheGroupHasComeMeanwhile() throws Exception {
    appendTwoBatches();
    watch.look();

    PartitionLag later = lagOf("g", "read", 0).at(position(8));
    PartitionLag atTheEnd = lagOf("g", "read", 0).at(position(10));

    assertEquals(10, later.endOffset());
    assertEquals(2, later.records());
    assertEquals(PartitionLag.UNKNOWN, later.ms());
    assertEquals(0, atTheEnd.records());
    assertEquals(0, atTheEnd.ms());
  }

  private static GroupPosition position(long offset) {
    return new GroupPosition("g", "read", null, 0, offset, null);
  }

  @Test
  void forgetsATopicThatIsDeleted() throws Exception {
    watch.look();
    assertNotNull(watch.table().find("g"));

    node.deleteTopic("read");
    watch.look();

    assertNull(watch.table().find("g"));
  }

  @Test
  void tellsWhatEachMemberHas() throws Exception {
    appendTwoBatches();
    assertEquals(Errors.NONE, commit("g", "read", 1, 0));
    join("g", "m", new TopicPartition("read", 0));

    watch.look();

    GroupLag ofMember = group().byMember().get("m");
    assertNotNull(ofMember);
    assertEquals(1, ofMember.partitions().size());
    assertEquals(10, ofMember.records());
    assertEquals(1, group().byMember().size());
  }

  @Test
  void showsGroupsAndTheirPartitionsAsGauges() throws Exception {
    appendTwoBatches();

    watch.look();

    assertEquals(10L, gauge("penstock.group.lag.records{group=\"g\"}"));
    assertEquals(
        10L,
        gauge("penstock.group.lag.partition.records{group=\"g\",topic=\"read\",partition=\"0\"}"));
    assertEquals(
        DataNode.NOW_MS - FIRST_MS,
        gauge("penstock.group.lag.partition.ms{group=\"g\",topic=\"read\",partition=\"0\"}"));
    node.deleteTopic("read");
    watch.look();
    assertTrue(node.metrics.getGauges().keySet().stream().noneMatch(name -> name.contains("{")));
  }

  @Test
  void showsNoMoreGaugesThanAllowedAndSaysHowManyAreLeftOut() throws Exception {
    LagMetrics few = new LagMetrics(node.metrics, 2);
    try (LagWatch other =
        new LagWatch(
            new LagWatch.Environment(
                DataNode.SELF,
                new GroupPositions(shards),
                here,
                node.plane::image,
                elsewhere,
                () -> DataNode.NOW_MS),
            few)) {
      other.look();

      assertEquals(0L, gauge("penstock.group.lag.records{group=\"g\"}"));
      assertEquals(2L, gauge("penstock.group.lag.left.out"));
    }
  }

  @Test
  void aLookThatIsUnderWayWhenItIsClosedShowsNothing() throws Exception {
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    CompletableFuture<Thread> looker = new CompletableFuture<>();
    LagWatch slow =
        new LagWatch(
            new LagWatch.Environment(
                DataNode.SELF,
                new GroupPositions(shards),
                here,
                node.plane::image,
                elsewhere,
                () -> {
                  looker.complete(Thread.currentThread());
                  looking.countDown();
                  goOnOnceInterrupted(closed);
                  return DataNode.NOW_MS;
                }),
            new LagMetrics(node.metrics, 100));
    slow.start(1);
    assertTrue(looking.await(30, TimeUnit.SECONDS));

    slow.close();
    closed.countDown();

    looker.get().join();
    assertTrue(
        node.metrics.getGauges().keySet().stream()
            .noneMatch(name -> name.startsWith("penstock.group.lag.records")));
  }

  /** As one who hears that it is closed, and is slow to end; a close that does not wait is over. */
  private static void goOnOnceInterrupted(CountDownLatch closed) {
    CountDownLatch never = new CountDownLatch(1);
    try {
      never.await();
    } catch (InterruptedException closing) {
      awaitAWhile(closed);
    }
  }

  private static void awaitAWhile(CountDownLatch closed) {
    try {
      var _ = closed.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException again) {
      Thread.currentThread().interrupt();
    }
  }

  private void appendTwoBatches() {
    node.append("read", 0, batch(3, FIRST_MS), node.loop.wakeups());
    node.append("read", 0, batch(7, SECOND_MS), node.loop.wakeups());
    node.loop.runRound();
  }

  private static ByteBuffer batch(int records, long timeMs) {
    return TestBatch.ofRecords(records).timestamps(timeMs, timeMs + 1).build();
  }

  private PartitionLag lagOf(String group, String topic, int partition) {
    PartitionLag lag = watch.table().find(group, topic, partition);
    assertNotNull(lag);
    return lag;
  }

  private GroupLag group() {
    GroupLag lag = watch.table().find("g");
    assertNotNull(lag);
    return lag;
  }

  private Object gauge(String name) {
    Gauge<?> gauge = node.metrics.getGauges().get(name);
    assertNotNull(gauge, name);
    return gauge.getValue();
  }

  private void join(String group, String member, TopicPartition partition) throws Exception {
    ByteBuffer assignment =
        ConsumerProtocol.serializeAssignment(new Assignment(List.of(partition)));
    byte[] bytes = new byte[assignment.remaining()];
    assignment.get(bytes);
    GroupSnapshot snapshot =
        new GroupSnapshot(
            group,
            "consumer",
            1,
            "range",
            member,
            DataNode.NOW_MS,
            List.of(
                new GroupSnapshot.Member(
                    member, null, "c", "/h", 60_000, 60_000, new byte[0], bytes)));
    CompletableFuture<Errors> done = new CompletableFuture<>();
    shards.<Errors>ask(
        group,
        (groups, nowMs, reply, effects) -> {
          groups.put(ClassicGroup.restore(snapshot, ClassicSettings.standard(), nowMs));
          effects.answer(reply, Errors.NONE);
        },
        error -> error,
        done::complete);
    assertEquals(Errors.NONE, done.get(30, TimeUnit.SECONDS));
  }

  private Errors commit(String group, String topic, int partition, long offset) throws Exception {
    OffsetCommitRequestTopic asked = new OffsetCommitRequestTopic().setName(topic);
    asked
        .partitions()
        .add(
            new OffsetCommitRequestPartition()
                .setPartitionIndex(partition)
                .setCommittedOffset(offset));
    OffsetCommitRequestData request =
        new OffsetCommitRequestData().setGroupId(group).setTopics(List.of(asked));
    return Errors.forCode(
        commits
            .commit(request, 9)
            .get(30, TimeUnit.SECONDS)
            .topics()
            .getFirst()
            .partitions()
            .getFirst()
            .errorCode());
  }

  /** Another node, which answers the same of all partitions, or nothing. */
  private static final class Elsewhere implements PeerNetwork {
    private final List<Progress.Question> asked = new ArrayList<>();
    private Progress answer = Progress.UNKNOWN;

    @Override
    public CompletionStage<byte[]> ask(Address to, PeerApi api, byte[] body, long timeoutMs) {
      assertEquals(PeerApi.PROGRESS, api);
      List<Progress.Question> questions = ProgressCodec.decodeQuestions(body);
      asked.addAll(questions);
      if (!answer.isKnown()) {
        return CompletableFuture.failedFuture(
            new PeerException(PeerException.Kind.REFUSED, "nobody there"));
      }
      return CompletableFuture.completedFuture(
          ProgressCodec.encodeAnswers(questions.stream().map(_ -> answer).toList()));
    }
  }

  /** What is not led here is not known, also where the topic never was. */
  @Test
  void knowsNothingOfPartitionsThatItDoesNotLead() throws Exception {
    List<Progress> answers =
        here.answer(List.of(new Progress.Question(new UUID(9, 9), 0, 0, true)))
            .get(30, TimeUnit.SECONDS);

    assertEquals(List.of(Progress.UNKNOWN), answers);
  }
}
