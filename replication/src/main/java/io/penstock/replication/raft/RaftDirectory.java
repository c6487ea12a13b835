package io.penstock.replication.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides, before Ratis may touch it, whether a Raft directory is begun, opened or refused. Used by
 * the thread that starts the node.
 */
final class RaftDirectory {

  private final RaftSettings settings;
  private final RaftMark mark;

  private RaftDirectory(RaftSettings settings, RaftMark mark) {
    this.settings = settings;
    this.mark = mark;
  }

  /** Reads or writes the mark; what a first start left half-made is removed. */
  static RaftDirectory open(RaftSettings settings, List<String> groups) throws IOException {
    Path path = settings.directory();
    RaftMark mark = RaftMark.read(path);
    if (mark == null) {
      if (settings.clusterId() != null) {
        throw new IOException(
            "node "
                + settings.nodeId()
                + " has been in cluster "
                + settings.clusterId()
                + ", but its Raft directory "
                + path
                + " is empty or gone; remedy: bring the"
                + " directory back, or remove this node's data directories and let it join anew");
      }
      if (Files.exists(path)) {
        refuseLeftovers(path);
      }
      Files.createDirectories(path);
      mark = new RaftMark(UUID.randomUUID(), settings.nodeId(), settings.directoryId(), false);
      mark.write(path);
    }
    checkIdentity(settings, mark);
    RaftDirectory directory = new RaftDirectory(settings, mark);
    for (String group : groups) {
      directory.checkGroup(group);
    }
    return directory;
  }

  UUID clusterId() {
    return mark.clusterId();
  }

  /** Whether the groups are still to be made. */
  boolean isNew() {
    return !mark.started();
  }

  /** From now on a missing group is a lost disk. */
  void markStarted() throws IOException {
    mark.asStarted().write(settings.directory());
  }

  /** A group's id: of its cluster and its name, so that foreign nodes do not match. */
  UUID groupId(String group) {
    byte[] name =
        (mark.clusterId() + "/" + group).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(name);
  }

  private void checkGroup(String group) throws IOException {
    Path path = settings.directory().resolve(groupId(group).toString());
    if (mark.started() && !Files.isDirectory(path)) {
      throw new IOException(
          "the log of group '"
              + group
              + "' has vanished from "
              + path
              + ", and with it the votes"
              + " of this node; remedy: bring the directory back, or remove this node's data"
              + " directories and let it join anew");
    }
    if (!mark.started() && Files.exists(path)) {
      deleteTree(path); // nothing in it was ever acknowledged
    }
  }

  private static void checkIdentity(RaftSettings settings, RaftMark mark) throws IOException {
    String problem = null;
    UUID expected = settings.clusterId();
    if (expected != null && !expected.equals(mark.clusterId())) {
      problem = "belongs to cluster " + mark.clusterId() + ", not " + expected;
    } else if (mark.nodeId() != settings.nodeId()) {
      problem = "belongs to node " + mark.nodeId() + ", not " + settings.nodeId();
    } else if (!mark.directoryId().equals(settings.directoryId())) {
      problem = "has directory id " + mark.directoryId() + ", not " + settings.directoryId();
    }
    if (problem != null) {
      throw new IOException(
          "the Raft directory "
              + settings.directory()
              + " "
              + problem
              + "; remedy: start this node with its own directories");
    }
  }

  private static void refuseLeftovers(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      Path leftover = entries.filter(RaftDirectory::isNotOurTemporary).findFirst().orElse(null);
      if (leftover != null) {
        throw new IOException(
            "the Raft directory "
                + path
                + " has no "
                + RaftMark.FILE_NAME
                + ", but holds "
                + leftover.getFileName()
                + "; remedy: bring the mark back, or empty the directory"
                + " if nothing in it is needed");
      }
    }
  }

  private static boolean isNotOurTemporary(@Nullable Path path) {
    return path != null && !path.endsWith(RaftMark.FILE_NAME + ".tmp");
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
