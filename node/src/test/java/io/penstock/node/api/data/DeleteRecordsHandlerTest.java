package io.penstock.node.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records are said to be deleted when no living replica shows them any more. */
@Timeout(60)
final class DeleteRecordsHandlerTest {

  private static final int TIMEOUT_MS = 300;

  @TempDir private Path directory;
  private DataNode node;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    node.createReplicatedTopic("safe", 1);
    node.append("safe", 0, 3);
    fetched(2, 0);
    fetched(3, 0);
    assertEquals(3, node.replica("safe", 0).highWatermark());
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  private void fetched(int follower, long logStart) {
    PartitionReplica replica = node.replica("safe", 0);
    FollowerProgress progress =
        new FollowerProgress(
            follower,
            FollowerProgress.UNKNOWN_BROKER,
            replica.leaderEpoch(),
            replica.logEndOffset(),
            logStart,
            1);
    assertEquals(null, replica.followerFetched(progress, node.loop.wakeups()));
    node.loop.runRound();
  }

  private RecordedContext delete(long before) {
    RecordedContext context = node.context(2);
    DeleteRecordsRequestData request = new DeleteRecordsRequestData().setTimeoutMs(TIMEOUT_MS);
    request
        .topics()
        .add(
            new DeleteRecordsTopic()
                .setName("safe")
                .setPartitions(List.of(new DeleteRecordsPartition().setOffset(before))));
    new DeleteRecordsHandler(node.partitions, Runnable::run).handle(context, request);
    return context;
  }

  private static DeleteRecordsPartitionResult answer(RecordedContext context) {
    return context
        .response(DeleteRecordsResponseData.class)
        .topics()
        .iterator()
        .next()
        .partitions()
        .iterator()
        .next();
  }

  private static void assertAnswer(Errors error, long lowWatermark, RecordedContext context) {
    assertEquals(error, Errors.forCode(answer(context).errorCode()));
    assertEquals(lowWatermark, answer(context).lowWatermark());
  }

  @Test
  void answerWaitsForTheFollowers() {
    RecordedContext context = delete(2);
    assertEquals(2, node.replica("safe", 0).logStartOffset());
    fetched(2, 2);
    node.loop.advance(100);
    assertFalse(context.isEnded());

    fetched(3, 2);
    node.loop.advance(10);

    assertAnswer(Errors.NONE, 2, context);
    assertEquals(0, node.loop.timers());
  }

  @Test
  void followersThatTakeTooLongAreATimeout() {
    RecordedContext context = delete(2);
    fetched(2, 1);

    node.loop.advance(TIMEOUT_MS);

    assertAnswer(Errors.REQUEST_TIMED_OUT, 0, context);
  }

  @Test
  void fencedFollowerIsNotWaitedFor() {
    fetched(2, 2);
    RecordedContext context = delete(2);
    assertFalse(context.isEnded());

    node.fence(3);
    node.loop.advance(10);

    assertAnswer(Errors.NONE, 2, context);
  }

  @Test
  void leaderThatFellSaysSo() throws Exception {
    RecordedContext context = delete(2);

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));
    node.loop.advance(10);

    assertAnswer(Errors.NOT_LEADER_OR_FOLLOWER, -1, context);
  }

  @Test
  void abandonedRequestEnds() {
    RecordedContext context = delete(2);

    context.abandon();
    node.loop.advance(TIMEOUT_MS);

    assertTrue(context.endedWithoutResponse());
    assertEquals(0, node.loop.timers());
  }
}
