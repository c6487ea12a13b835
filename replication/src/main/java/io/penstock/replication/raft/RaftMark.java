package io.penstock.replication.raft;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The mark in a Raft directory: whose it is and whether its groups were made. Ratis formats a
 * missing group without a word, which would let a voter forget its votes; with the mark the node
 * refuses to start instead.
 */
record RaftMark(UUID clusterId, int nodeId, UUID directoryId, State state) {

  static final String FILE_NAME = "raft.mark";

  /** How far this directory has come. */
  enum State {
    /** Its groups may be half made; nothing in them was ever told to anybody. */
    FORMATTING,
    /** It is a member of its groups: they must be there from now on. */
    STARTED,
    /** It was taken out of its groups, and may be added again. */
    REMOVED;

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static State of(String text) {
      for (State state : values()) {
        if (state.text().equals(text)) {
          return state;
        }
      }
      throw new IllegalArgumentException("state " + text);
    }
  }

  // 1 had shorter names of members, which did not tell their directory
  private static final String VERSION = "2";

  private static final int SIZE_MAX = 4096;

  /** The mark of a directory, or null if it has none. */
  static @Nullable RaftMark read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      return null;
    }
    if (Files.size(file) > SIZE_MAX) {
      throw new IOException(file + " is damaged: it has " + Files.size(file) + " bytes");
    }
    Properties properties = new Properties();
    properties.load(new ByteArrayInputStream(Files.readAllBytes(file)));
    try {
      if (!VERSION.equals(properties.getProperty("version"))) {
        throw new IOException(
            file
                + " has version "
                + properties.getProperty("version")
                + ", not "
                + VERSION
                + "; remedy: start the version of Penstock that wrote it");
      }
      return new RaftMark(
          UUID.fromString(properties.getProperty("cluster.id", "")),
          Integer.parseInt(properties.getProperty("node.id", "")),
          UUID.fromString(properties.getProperty("directory.id", "")),
          State.of(properties.getProperty("state", "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged", e);
    }
  }

  /** Writes the mark so that either the old or the new one survives a crash. */
  void write(Path directory) throws IOException {
    String text =
        "version="
            + VERSION
            + "\ncluster.id="
            + clusterId
            + "\nnode.id="
            + nodeId
            + "\ndirectory.id="
            + directoryId
            + "\nstate="
            + state.text()
            + "\n";
    Path temporary = directory.resolve(FILE_NAME + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, directory.resolve(FILE_NAME), StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directory);
  }

  RaftMark in(State next) {
    return new RaftMark(clusterId, nodeId, directoryId, next);
  }

  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
