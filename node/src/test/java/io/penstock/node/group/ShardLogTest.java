package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.KeyedRecord;
import io.penstock.node.api.DataNode;
import io.penstock.replication.partition.AckWaiter;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.WakeTarget;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a shard on a replica with two followers. */
final class ShardLogTest {

  private static final int LARGE_BYTES = 300_000;
  private static final int MAGIC_POSITION = 16;
  private static final byte MAGIC = 2;

  @TempDir private Path directory;
  private final BatchBuffer batches = new BatchBuffer();
  private DataNode node;
  private ShardLog log;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    node.createReplicatedTopic(OffsetsTopic.NAME, 2);
    var replica = node.replica(OffsetsTopic.NAME, 0);
    log = new ShardLog(replica, replica.leaderEpoch(), () -> false, () -> DataNode.NOW_MS, batches);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  @Test
  void batchesOfAnySizeAreWrittenFromTheMemoryOfTheThread() throws Exception {
    ByteBuffer memory = batches.room(2 * LARGE_BYTES);

    assertEquals(new ShardLog.Appended.At(0), log.append(record(LARGE_BYTES)));
    assertEquals(new ShardLog.Appended.At(1), log.append(record(10)));

    assertEquals(MAGIC, memory.get(MAGIC_POSITION));
    assertSame(memory, batches.room(1));
    assertEquals(List.of(LARGE_BYTES, 10), valuesOf(new BatchBuffer()));
  }

  @Test
  void aBatchThatIsLargerThanIsReadAtOneTimeIsReadWhole() throws Exception {
    log.append(record(LARGE_BYTES));

    assertEquals(List.of(LARGE_BYTES), valuesOf(batches));
  }

  @Test
  void nothingIsCommittedInTheEpochOfAnotherLeader() throws Exception {
    log.append(record(10));
    assertFalse(log.isCommitted(0));
    node.followerFetched(OffsetsTopic.NAME, 2, 1);
    node.followerFetched(OffsetsTopic.NAME, 3, 1);
    assertTrue(log.isCommitted(0));
    assertEquals(Errors.NONE, awaited());

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf(OffsetsTopic.NAME));

    // Its watermark has passed the offset: what another leader wrote there may be committed.
    assertEquals(1, node.replica(OffsetsTopic.NAME, 0).highWatermark());
    assertFalse(log.isCommitted(0));
    assertEquals(Errors.NOT_COORDINATOR, awaited());
  }

  /** What one who waits for the first record is told. */
  private Errors awaited() {
    List<Errors> told = new ArrayList<>();
    log.await(
        0,
        new AckWaiter() {
          @Override
          public WakeTarget home() {
            return node.loop;
          }

          @Override
          public void settle(@Nullable Refusal refusal) {
            told.add(log.outcomeOf(refusal));
          }

          @Override
          public void run() {}
        });
    return told.getFirst();
  }

  /** How long the values are, read by a few bytes at a time. */
  private List<Integer> valuesOf(BatchBuffer into) throws Exception {
    List<Integer> bytes = new ArrayList<>();
    for (long offset = 0; offset < log.endOffset(); ) {
      offset =
          KeyedBatches.forEach(
              log.read(offset, 100, into),
              (_, _, value) -> bytes.add(value == null ? -1 : value.remaining()));
    }
    return bytes;
  }

  private static List<KeyedRecord> record(int bytes) {
    return List.of(new KeyedRecord(new byte[1], new byte[bytes]));
  }
}
