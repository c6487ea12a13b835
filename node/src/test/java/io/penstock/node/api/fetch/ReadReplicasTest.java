package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerStep;
import io.penstock.replication.partition.LeaderNews;
import io.penstock.replication.partition.PartitionReplica;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Consumers that read in their own rack (KIP-392). The followers are in rack b, the leader in a.
 */
@Timeout(60)
final class ReadReplicasTest extends FetchFixture {

  @BeforeEach
  void createTopic() throws Exception {
    node.moveToRack(1, "a");
    node.moveToRack(2, "b");
    node.moveToRack(3, "b");
    node.createReplicatedTopic("safe", 1);
    node.append("safe", 0, 1);
    node.append("safe", 0, 1);
    node.followerFetched("safe", 2, 1);
    node.followerFetched("safe", 3, 2);
  }

  private PartitionData fetchFrom(long offset, String rack) {
    return fetchOnce(BY_ID, fetch().waiting(500, 1).rack(rack).from("safe", 0, offset));
  }

  @Test
  void consumerIsSentToTheReplicaInItsRackThatHasComeFurthest() {
    PartitionData data = fetchFrom(0, "b");

    assertEquals(Errors.NONE, error(data));
    assertEquals(3, data.preferredReadReplica());
    assertEquals(0, size(data));
    assertEquals(1, data.highWatermark());
  }

  @Test
  void consumerElsewhereReadsFromTheLeader() {
    for (String rack : new String[] {"", "a", "c"}) {
      PartitionData data = fetchFrom(0, rack);
      assertEquals(-1, data.preferredReadReplica(), rack);
      assertEquals(batchBytes(1), size(data), rack);
    }
  }

  @Test
  void followerThatIsBehindTheConsumerIsNotNamed() {
    node.fence(3);

    assertEquals(2, fetchFrom(0, "b").preferredReadReplica());
    RecordedContext ahead = handle(BY_ID, fetch().rack("b").from("safe", 0, 2));

    assertEquals(-1, only(ahead).preferredReadReplica());
  }

  @Test
  void followerThatDiedIsNotNamed() {
    node.fence(2);
    node.fence(3);

    assertEquals(-1, fetchFrom(0, "b").preferredReadReplica());
  }

  @Test
  void readerOfAnOldEpochIsNotSentOn() {
    FetchRequests old = fetch().rack("b").from("safe", 0, 0, 7, 100);

    PartitionData data = fetchOnce(BY_ID, old);

    assertEquals(Errors.UNKNOWN_LEADER_EPOCH, error(data));
    assertEquals(-1, data.preferredReadReplica());
  }

  private void becomeFollower() throws Exception {
    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));
  }

  @Test
  void followerServesConsumersUpToItsWatermark() throws Exception {
    becomeFollower();
    int epoch = node.replica("safe", 0).leaderEpoch();

    PartitionData data = fetchOnce(BY_ID, fetch().rack("a").from("safe", 0, 0, epoch, 100));

    assertEquals(Errors.NONE, error(data));
    assertEquals(batchBytes(1), size(data));
    assertEquals(
        Errors.FENCED_LEADER_EPOCH,
        error(fetchOnce(BY_ID, fetch().from("safe", 0, 0, epoch - 1, 100))));
    assertEquals(
        Errors.UNKNOWN_LEADER_EPOCH,
        error(fetchOnce(BY_ID, fetch().from("safe", 0, 0, epoch + 1, 100))));
    assertEquals(
        Errors.OFFSET_OUT_OF_RANGE,
        error(fetchOnce(BY_ID, fetch().from("safe", 0, 3, epoch, 100))));
  }

  @Test
  void consumerOnAFollowerHearsWhenItsWatermarkMoves() throws Exception {
    becomeFollower();
    PartitionReplica replica = node.replica("safe", 0);
    FetchRequests uncommitted = fetch().waiting(500, 1).rack("a");
    RecordedContext context =
        handle(BY_ID, uncommitted.from("safe", 0, 1, replica.leaderEpoch(), 1 << 20));
    assertFalse(context.isEnded(), "what it has, but does not know to be committed, is no error");
    FollowerPosition at =
        assertInstanceOf(FollowerStep.At.class, replica.following().position()).position();

    var _ =
        replica
            .following()
            .append(at, ByteBuffer.allocate(0), new LeaderNews(2, 0), node.loop.wakeups());
    node.loop.runRound();

    assertEquals(batchBytes(1), size(only(context)));
  }
}
