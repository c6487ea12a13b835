package io.penstock.storage.producer;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Kafka's {@code <offset>.snapshot}: the producers of a partition as of an offset. Version int16
 * (1), CRC-32C uint32 of what follows, then a counted array of entries. Pure but for the file.
 */
public final class ProducerSnapshot {
  public static final String SUFFIX = ".snapshot";

  private static final short VERSION = 1;
  private static final int HEADER_BYTES = 6;
  private static final int ENTRY_BYTES = 46;
  private static final int FILE_BYTES_MAX = 512 << 20;
  private static final String REMEDY = "delete the file: it is rebuilt from the log";

  private ProducerSnapshot() {}

  public static Path path(Path partitionDirectory, long offset) {
    return partitionDirectory.resolve(String.format("%020d%s", offset, SUFFIX));
  }

  /** The offset in a file's name; empty where it is no snapshot. */
  public static OptionalLong offsetOf(Path path) {
    Path name = path.getFileName();
    String text = name == null ? "" : name.toString();
    if (!text.endsWith(SUFFIX) || text.length() != 20 + SUFFIX.length()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text.substring(0, 20)));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Writes the file so that it is there whole or not at all. Blocks. */
  public static void write(Disk disk, Path path, List<ProducerStateView> producers)
      throws StorageException {
    disk.writeAtomically(path, encode(producers));
  }

  public static List<ProducerStateView> read(Disk disk, Path path) throws StorageException {
    return decode(disk.readSmall(path, FILE_BYTES_MAX), path);
  }

  static byte[] encode(List<ProducerStateView> producers) {
    byte[] bytes = new byte[HEADER_BYTES + Integer.BYTES + producers.size() * ENTRY_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putShort(VERSION).putInt(0).putInt(producers.size());
    for (ProducerStateView producer : producers) {
      out.putLong(producer.producerId());
      out.putShort(producer.producerEpoch());
      out.putInt(producer.lastSequence());
      out.putLong(producer.lastOffset());
      out.putInt(producer.offsetDelta());
      out.putLong(producer.lastTimestampMs());
      out.putInt(producer.coordinatorEpoch());
      out.putLong(producer.openTransactionOffset());
    }
    out.putInt(Short.BYTES, crcOf(bytes));
    return bytes;
  }

  private static List<ProducerStateView> decode(byte[] bytes, Path path) throws StorageException {
    if (bytes.length < HEADER_BYTES + Integer.BYTES) {
      throw new CorruptFileException("producer snapshot is cut off", path, REMEDY);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    short version = in.getShort();
    if (version != VERSION) {
      throw new CorruptFileException("producer snapshot of version " + version, path, REMEDY);
    }
    if (in.getInt() != crcOf(bytes)) {
      throw new CorruptFileException("producer snapshot does not match its CRC", path, REMEDY);
    }
    int count = in.getInt();
    if (count < 0 || (long) count * ENTRY_BYTES > in.remaining()) {
      throw new CorruptFileException("producer snapshot claims " + count, path, REMEDY);
    }
    List<ProducerStateView> producers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      producers.add(
          new ProducerStateView(
              in.getLong(),
              in.getShort(),
              in.getInt(),
              in.getLong(),
              in.getInt(),
              in.getLong(),
              in.getInt(),
              in.getLong()));
    }
    return producers;
  }

  private static int crcOf(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
