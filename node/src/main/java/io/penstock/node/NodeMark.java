package io.penstock.node;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * What the first data directory says of the node beside Kafka's {@code meta.properties}: the id of
 * that directory, which is told to others before there is a cluster to name, and whether the node
 * ever had votes that must not be forgotten.
 */
record NodeMark(int nodeId, UUID directoryId, Role role) {

  static final String FILE_NAME = "node.mark";

  private static final int FILE_BYTES_MAX = 4 << 10;
  private static final String VERSION = "1";

  /** How far the node has come. */
  enum Role {
    /** It has been in no cluster. */
    NEW,
    /** It has never had a vote: there is no Raft directory to miss. */
    OBSERVER,
    /** Its Raft directory has to be there. */
    VOTER;

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Empty where there is none yet. */
  static Optional<NodeMark> read(Disk disk, Path directory) throws StorageException {
    Path path = directory.resolve(FILE_NAME);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try {
      byte[] bytes = disk.readSmall(path, FILE_BYTES_MAX);
      properties.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
      if (!VERSION.equals(properties.getProperty("version"))) {
        throw corrupt("version is not " + VERSION, path);
      }
      return Optional.of(
          new NodeMark(
              Integer.parseInt(properties.getProperty("node.id", "")),
              UUID.fromString(properties.getProperty("directory.id", "")),
              Role.valueOf(properties.getProperty("role", "").toUpperCase(Locale.ROOT))));
    } catch (StorageException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()), path);
    }
  }

  /** When this returns, it is on the disk. */
  void write(Disk disk, Path directory) throws StorageException {
    String text =
        "version=%s\nnode.id=%d\ndirectory.id=%s\nrole=%s\n"
            .formatted(VERSION, nodeId, directoryId, role.text());
    disk.writeAtomically(directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  private static CorruptFileException corrupt(String what, Path path) {
    return new CorruptFileException(
        "mark of the node: " + what, path, "restore the file, or start with an empty directory");
  }
}
