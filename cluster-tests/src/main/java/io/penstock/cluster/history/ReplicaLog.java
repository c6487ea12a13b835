package io.penstock.cluster.history;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * The log of one partition as the files of one node have it: batches of format v2 with a checksum
 * that fits, from the first segment up to the first bytes that are none. Where segments end is the
 * node's own matter and is not looked at. A value, once it is read.
 */
public final class ReplicaLog {
  private static final int LENGTH = 8;
  private static final int BEFORE_LENGTH_COUNTS = 12;
  private static final int MAGIC = 16;
  private static final int CRC = 17;
  private static final int AFTER_CRC = 21;
  private static final int LAST_OFFSET_DELTA = 23;
  private static final int HEADER = 61;

  /** One batch with its bytes. */
  record Batch(long baseOffset, ByteBuffer bytes) {
    long lastOffset() {
      return baseOffset + bytes.getInt(LAST_OFFSET_DELTA);
    }

    int leaderEpoch() {
      return bytes.getInt(BEFORE_LENGTH_COUNTS);
    }

    @Override
    public String toString() {
      String offsets = "offsets " + baseOffset + " to " + lastOffset();
      return offsets + " epoch " + leaderEpoch() + " in " + bytes.remaining() + " bytes";
    }
  }

  private final List<Batch> batches;
  private final long bytesBehind;

  private ReplicaLog(List<Batch> batches, long bytesBehind) {
    this.batches = List.copyOf(batches);
    this.bytesBehind = bytesBehind;
  }

  /** Reads the segments of a directory; no files are an empty log. */
  public static ReplicaLog read(Path directory) throws IOException {
    List<Batch> batches = new ArrayList<>();
    long behind = 0;
    for (Path segment : segments(directory)) {
      ByteBuffer file;
      try {
        file = ByteBuffer.wrap(Files.readAllBytes(segment));
      } catch (NoSuchFileException deletedMeanwhile) {
        continue;
      }
      behind += addBatches(file, batches);
    }
    return new ReplicaLog(batches, behind);
  }

  /** The batches of one buffer. */
  static ReplicaLog of(ByteBuffer file) {
    List<Batch> batches = new ArrayList<>();
    long behind = addBatches(file, batches);
    return new ReplicaLog(batches, behind);
  }

  private static List<Path> segments(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private static long addBatches(ByteBuffer file, List<Batch> batches) {
    int position = 0;
    while (file.limit() - position >= HEADER) {
      int size = file.getInt(position + LENGTH) + BEFORE_LENGTH_COUNTS;
      if (size < HEADER || size > file.limit() - position || !isBatch(file, position, size)) {
        break;
      }
      batches.add(new Batch(file.getLong(position), file.slice(position, size)));
      position += size;
    }
    return (long) file.limit() - position;
  }

  private static boolean isBatch(ByteBuffer file, int position, int size) {
    if (file.get(position + MAGIC) != 2) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(file.slice(position + AFTER_CRC, size - AFTER_CRC));
    return (int) crc.getValue() == file.getInt(position + CRC);
  }

  /** The offset that the next record would have. */
  public long endOffset() {
    return batches.isEmpty() ? 0 : batches.getLast().lastOffset() + 1;
  }

  /** How many bytes there are that belong to no batch. */
  public long bytesBehind() {
    return bytesBehind;
  }

  /** Where two replicas are not the same, in words, or null. */
  public @Nullable String differenceFrom(ReplicaLog other) {
    int common = Math.min(batches.size(), other.batches.size());
    for (int i = 0; i < common; i++) {
      Batch mine = batches.get(i);
      Batch others = other.batches.get(i);
      if (!mine.bytes().equals(others.bytes())) {
        return mine + " beside " + others + (i == 0 ? "" : ", after " + batches.get(i - 1));
      }
    }
    if (batches.size() != other.batches.size()) {
      return "one ends at offset " + endOffset() + ", the other at " + other.endOffset();
    }
    return null;
  }

  /** Where a replica is not what consumers are given, in words, or null. */
  @Nullable String differenceFrom(List<Entry> log, History history) {
    int i = 0;
    for (Batch batch : batches) {
      MemoryRecords records = MemoryRecords.readableRecords(batch.bytes().duplicate());
      for (Record record : records.records()) {
        byte[] value = new byte[Math.max(0, record.valueSize())];
        if (record.hasValue()) {
          record.value().get(value);
        }
        Entry entry = history.entry(record.offset(), value);
        if (i >= log.size()) {
          return entry + " is in the files, behind what consumers are given";
        }
        if (!entry.equals(log.get(i))) {
          return entry + " is in the files, " + log.get(i) + " is given";
        }
        i++;
      }
    }
    return i == log.size() ? null : log.get(i) + " is given, the files end before it";
  }
}
