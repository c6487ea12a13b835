package io.penstock.cluster.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the reader of segments takes for a log. */
class ReplicaLogTest {
  private final TopicPartition partition = new TopicPartition("stored", 0);

  @TempDir private Path directory;

  @Test
  void readsAllSegmentsAndNothingElse() throws IOException {
    write("00000000000000000000.log", PlantedLogs.file(entries(0, 7), 0));
    write("00000000000000000007.log", PlantedLogs.file(entries(7, 9), 0));
    write("00000000000000000007.index", ByteBuffer.allocate(8));

    ReplicaLog log = ReplicaLog.read(directory);

    assertEquals(9, log.endOffset());
    assertEquals(0, log.bytesBehind());
    assertNull(log.differenceFrom(entries(0, 9), new History(PlantedLogs.VALUE_BYTES)));
  }

  @Test
  void aDirectoryThatIsNotThereIsAnEmptyLog() throws IOException {
    assertEquals(0, ReplicaLog.read(directory.resolve("nowhere")).endOffset());
  }

  @Test
  void doesNotMindWhereSegmentsEnd() throws IOException {
    write("00000000000000000000.log", PlantedLogs.file(entries(0, 6), 0));
    write("00000000000000000006.log", PlantedLogs.file(entries(6, 9), 0));

    ReplicaLog whole = PlantedLogs.replica(entries(0, 9), 0);

    assertNull(whole.differenceFrom(ReplicaLog.read(directory)));
  }

  @Test
  void endsAtATornBatch() {
    ByteBuffer file = PlantedLogs.file(entries(0, 9), 0);
    file.limit(file.limit() - 5);

    ReplicaLog log = ReplicaLog.of(file.slice());

    assertEquals(6, log.endOffset());
    assertTrue(log.bytesBehind() > 0);
  }

  @Test
  void endsAtABatchWithAFlippedByte() {
    ByteBuffer file = PlantedLogs.file(entries(0, 9), 0);
    int last = file.limit() - 1;
    file.put(last, (byte) (file.get(last) ^ 1));

    assertEquals(6, ReplicaLog.of(file).endOffset());
  }

  @Test
  void endsAtBytesThatAreNoBatch() {
    ByteBuffer file = ByteBuffer.allocate(10_000);
    file.put(PlantedLogs.file(entries(0, 3), 0)).rewind();

    assertEquals(3, ReplicaLog.of(file).endOffset());
  }

  @Test
  void saysWhereReplicasDiffer() {
    ReplicaLog mine = PlantedLogs.replica(entries(0, 9), 0);

    assertNull(mine.differenceFrom(PlantedLogs.replica(entries(0, 9), 0)));
    String epoch = mine.differenceFrom(PlantedLogs.replica(entries(0, 9), 4));
    assertNotNull(epoch);
    assertTrue(epoch.contains("epoch 0") && epoch.contains("epoch 4"), epoch);
    assertEquals(
        "one ends at offset 9, the other at 6",
        mine.differenceFrom(PlantedLogs.replica(entries(0, 6), 0)));
  }

  private List<Entry> entries(long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(offset -> new Entry(offset, new RecordId(partition, 1, offset)))
        .toList();
  }

  private void write(String name, ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    Files.write(directory.resolve(name), copy);
  }
}
