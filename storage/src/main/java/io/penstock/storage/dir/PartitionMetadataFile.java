package io.penstock.storage.dir;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Kafka's {@code partition.metadata} in a partition's directory: the id of the topic that it
 * belongs to, by which a directory left over from a deleted topic of the same name is recognised.
 */
public final class PartitionMetadataFile {
  public static final String FILE_NAME = "partition.metadata";

  private static final int FILE_BYTES_MAX = 4 << 10;
  private static final String VERSION_KEY = "version: ";
  private static final String TOPIC_ID_KEY = "topic_id: ";
  private static final UUID ZERO = new UUID(0, 0);

  private PartitionMetadataFile() {}

  /** The topic's id; empty where there is no file. */
  public static Optional<UUID> read(Disk disk, Path partitionDirectory) throws StorageException {
    Path path = partitionDirectory.resolve(FILE_NAME);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    String text = new String(disk.readSmall(path, FILE_BYTES_MAX), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    if (lines.size() < 2
        || !lines.get(0).startsWith(VERSION_KEY)
        || !lines.get(1).startsWith(TOPIC_ID_KEY)) {
      throw corrupt("version and topic id are not in it", path);
    }
    try {
      // A later version has the same two lines: Kafka promises it for downgrades.
      int version = Integer.parseInt(lines.get(0).substring(VERSION_KEY.length()).strip());
      UUID topicId = WireUuid.parse(lines.get(1).substring(TOPIC_ID_KEY.length()).strip());
      if (version < 0 || topicId.equals(ZERO)) {
        throw corrupt("version " + version + " or topic id " + topicId + " is impossible", path);
      }
      return Optional.of(topicId);
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()), path);
    }
  }

  public static void write(Disk disk, Path partitionDirectory, UUID topicId)
      throws StorageException {
    disk.writeAtomically(partitionDirectory.resolve(FILE_NAME), encode(topicId));
  }

  static byte[] encode(UUID topicId) {
    String text = VERSION_KEY + "0\n" + TOPIC_ID_KEY + WireUuid.format(topicId);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CorruptFileException corrupt(String what, Path path) {
    return new CorruptFileException(
        "partition metadata: " + what, path, "write the topic's id into it, or move the directory");
  }
}
