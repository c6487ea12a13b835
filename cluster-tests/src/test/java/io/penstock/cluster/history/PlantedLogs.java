package io.penstock.cluster.history;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Logs as a broker writes them, made by kafka-clients. */
final class PlantedLogs {
  static final int VALUE_BYTES = 100;
  private static final int PER_BATCH = 3;

  private PlantedLogs() {}

  /** A log with these records, written in this epoch of leadership. */
  static ReplicaLog replica(List<Entry> entries, int epoch) {
    return ReplicaLog.of(file(entries, epoch));
  }

  /** The bytes of such a log. */
  static ByteBuffer file(List<Entry> entries, int epoch) {
    List<ByteBuffer> batches = new ArrayList<>();
    for (int i = 0; i < entries.size(); i += PER_BATCH) {
      batches.add(batch(entries.subList(i, Math.min(entries.size(), i + PER_BATCH)), epoch));
    }
    ByteBuffer file = ByteBuffer.allocate(batches.stream().mapToInt(ByteBuffer::remaining).sum());
    batches.forEach(file::put);
    return file.flip();
  }

  private static ByteBuffer batch(List<Entry> entries, int epoch) {
    SimpleRecord[] records =
        entries.stream()
            .map(entry -> {
              RecordId id = entry.id();
              byte[] value = id == null ? new byte[0] : id.value(VALUE_BYTES);
              return new SimpleRecord(1L, null, value);
            })
            .toArray(SimpleRecord[]::new);
    long first = entries.getFirst().offset();
    return MemoryRecords.withRecords(first, Compression.NONE, epoch, records).buffer();
  }
}
