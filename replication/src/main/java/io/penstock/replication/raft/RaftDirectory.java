package io.penstock.replication.raft;

import io.penstock.replication.raft.RaftSettings.Begin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  private RaftMark mark;

  private RaftDirectory(RaftSettings settings, RaftMark mark) {
    this.settings = settings;
    this.mark = mark;
  }

  /** Reads or writes the mark; what a first start left half-made is removed. */
  static RaftDirectory open(RaftSettings settings, List<String> groups) throws IOException {
    Path path = settings.directory();
    RaftMark mark = RaftMark.read(path);
    if (mark == null) {
      UUID clusterId = newCluster(settings);
      if (Files.exists(path)) {
        refuseLeftovers(path);
      }
      Files.createDirectories(path);
      mark =
          new RaftMark(
              clusterId, settings.nodeId(), settings.directoryId(), RaftMark.State.FORMATTING);
      mark.write(path);
    }
    checkIdentity(settings, mark);
    RaftDirectory directory = new RaftDirectory(settings, mark);
    for (String group : groups) {
      directory.checkGroup(group);
    }
    return directory;
  }

  /** The cluster that an empty directory is made for. */
  private static UUID newCluster(RaftSettings settings) throws IOException {
    UUID known = settings.clusterId();
    return switch (settings.begin()) {
      case Begin.ToBeAdded(UUID clusterId) -> clusterId;
      case Begin.NewGroups(UUID clusterId, _) when known == null ->
          clusterId == null ? UUID.randomUUID() : clusterId;
      case Begin.NewGroups _, Begin.Found _ ->
          throw new IOException(
              "node "
                  + settings.nodeId()
                  + " has been in cluster "
                  + known
                  + ", but its Raft directory "
                  + settings.directory()
                  + " is empty or gone; remedy: bring the"
                  + " directory back, or remove this node's data directories and let it join anew");
    };
  }

  UUID clusterId() {
    return mark.clusterId();
  }

  /** Whether the groups are still to be made. */
  boolean isNew() {
    return mark.state() == RaftMark.State.FORMATTING;
  }

  /** From now on a missing group is a lost disk. */
  void markStarted() throws IOException {
    mark(RaftMark.State.STARTED);
  }

  /**
   * The groups have gone on without this member, whose votes are kept for when it is added again.
   */
  void markRemoved() throws IOException {
    mark(RaftMark.State.REMOVED);
  }

  private void mark(RaftMark.State state) throws IOException {
    if (mark.state() != state) {
      mark = mark.in(state);
      mark.write(settings.directory());
    }
  }

  /** A group's id: of its cluster and its name, so that foreign nodes do not match. */
  UUID groupId(String group) {
    byte[] name = (mark.clusterId() + "/" + group).getBytes(StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(name);
  }

  private void checkGroup(String group) throws IOException {
    Path path = settings.directory().resolve(groupId(group).toString());
    if (!isNew() && !Files.isDirectory(path)) {
      throw new IOException(
          "the log of group '"
              + group
              + "' has vanished from "
              + path
              + ", and with it the votes"
              + " of this node; remedy: bring the directory back, or remove this node's data"
              + " directories and let it join anew");
    }
    if (isNew() && Files.exists(path)) {
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
