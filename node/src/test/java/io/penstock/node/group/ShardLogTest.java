package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.KeyedRecord;
import io.penstock.node.api.DataNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
