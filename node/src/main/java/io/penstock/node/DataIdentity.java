package io.penstock.node;

import io.penstock.node.config.NodeConfig;
import io.penstock.replication.raft.RaftIdentity;
import io.penstock.storage.dir.CleanShutdownMark;
import io.penstock.storage.dir.MetaProperties;
import io.penstock.storage.dir.WireUuid;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose the data directories are: of which node and cluster. Read before anything is opened, and
 * refused where they disagree with the configuration or with each other; completed once the cluster
 * is known. Used by the thread that starts the node.
 */
final class DataIdentity {

  private static final Logger LOG = LoggerFactory.getLogger(DataIdentity.class);

  /** The control plane's part of the first data directory. */
  private static final String CONTROL = "control";

  private final Disk disk;
  private final int nodeId;
  private final Path controlDirectory;
  private final UUID controlDirectoryId;
  private final @Nullable UUID clusterId;
  private final boolean adopting;
  private final Map<Path, @Nullable MetaProperties> found;

  private DataIdentity(
      Disk disk,
      int nodeId,
      Path controlDirectory,
      UUID controlDirectoryId,
      @Nullable UUID clusterId,
      boolean adopting,
      Map<Path, @Nullable MetaProperties> found) {
    this.disk = disk;
    this.nodeId = nodeId;
    this.controlDirectory = controlDirectory;
    this.controlDirectoryId = controlDirectoryId;
    this.clusterId = clusterId;
    this.adopting = adopting;
    this.found = found;
  }

  static DataIdentity read(Disk disk, NodeConfig config)
      throws NodeStartException, StorageException {
    Map<Path, @Nullable MetaProperties> found = new LinkedHashMap<>();
    Path first = config.data().directories().getFirst();
    for (Path directory : config.data().directories()) {
      try {
        disk.createDirectories(directory);
        found.put(directory, MetaProperties.read(disk, directory).orElse(null));
      } catch (StorageException failure) {
        if (directory.equals(first) || failure instanceof CorruptFileException) {
          throw failure;
        }
        LOG.error("Doing without a data directory: cause={}", failure.getMessage());
      }
    }
    int nodeId = config.node().id();
    String cluster = agreed(found, nodeId);
    Path control = first.resolve(CONTROL);
    Optional<RaftIdentity> raft = raft(control);
    boolean known = cluster != null && raft.isPresent() && isCluster(cluster, raft.get());
    if (cluster != null && !known && !config.data().adoptKafkaData()) {
      throw raft.isEmpty()
          ? neverPenstock(first, control)
          : new NodeStartException(
              "data directory "
                  + first
                  + " belongs to cluster "
                  + cluster
                  + ", but "
                  + control
                  + " to "
                  + WireUuid.format(raft.get().clusterId())
                  + "; name directories of one cluster only");
    }
    return new DataIdentity(
        disk,
        nodeId,
        control,
        raft.map(RaftIdentity::directoryId).orElseGet(() -> newDirectoryId(found.get(first))),
        known ? raft.get().clusterId() : null,
        !known && config.data().adoptKafkaData(),
        found);
  }

  private static boolean isCluster(String text, RaftIdentity raft) {
    return text.equals(WireUuid.format(raft.clusterId()));
  }

  Path controlDirectory() {
    return controlDirectory;
  }

  UUID controlDirectoryId() {
    return controlDirectoryId;
  }

  /** The cluster that the directories belong to, or null before the node's first start. */
  @Nullable UUID clusterId() {
    return clusterId;
  }

  /**
   * Whether the topics that a Kafka broker left in the directories are to be taken over now. True
   * again after a crash in the middle of it, since {@link #complete} comes last.
   */
  boolean isAdopting() {
    return adopting;
  }

  /**
   * The broker epoch under which all of the directories were left in order, or -1 where one of them
   * was not. To be asked before the logs are opened, which takes the marks away.
   */
  long cleanlyStoppedEpoch() throws StorageException {
    long epoch = -1;
    for (Path directory : found.keySet()) {
      long marked = CleanShutdownMark.read(disk, directory).map(m -> m.brokerEpoch()).orElse(-1L);
      if (marked == -1 || (epoch != -1 && marked != epoch)) {
        return -1;
      }
      epoch = marked;
    }
    return epoch;
  }

  /** Writes down, where it is not yet, that the directories belong to this node of this cluster. */
  void complete(UUID cluster) throws StorageException {
    String text = WireUuid.format(cluster);
    boolean first = true;
    for (Map.Entry<Path, @Nullable MetaProperties> entry : found.entrySet()) {
      MetaProperties known = entry.getValue();
      UUID directoryId = first ? controlDirectoryId : known == null ? null : known.directoryId();
      first = false;
      MetaProperties wanted =
          new MetaProperties(text, nodeId, directoryId == null ? UUID.randomUUID() : directoryId);
      if (!wanted.equals(known)) {
        wanted.write(disk, entry.getKey());
      }
    }
  }

  /** The cluster that all marked directories name; null where none is marked. */
  private static @Nullable String agreed(Map<Path, @Nullable MetaProperties> found, int nodeId)
      throws NodeStartException {
    Path witness = null;
    String cluster = null;
    for (Map.Entry<Path, @Nullable MetaProperties> entry : found.entrySet()) {
      MetaProperties meta = entry.getValue();
      if (meta == null) {
        continue;
      }
      if (meta.nodeId() != nodeId) {
        throw new NodeStartException(
            "data directory "
                + entry.getKey()
                + " belongs to node "
                + meta.nodeId()
                + ", but this is node "
                + nodeId
                + "; set `node.id` to "
                + meta.nodeId()
                + ", or name another directory");
      }
      if (cluster != null && !cluster.equals(meta.clusterId())) {
        List<Path> both = new ArrayList<>(List.of(entry.getKey()));
        both.add(0, witness == null ? entry.getKey() : witness);
        throw new NodeStartException(
            "data directories "
                + both.get(0)
                + " and "
                + both.get(1)
                + " belong to different clusters ("
                + cluster
                + " and "
                + meta.clusterId()
                + "); name directories of one cluster only");
      }
      cluster = meta.clusterId();
      witness = entry.getKey();
    }
    return cluster;
  }

  private static Optional<RaftIdentity> raft(Path control) throws NodeStartException {
    try {
      return RaftIdentity.read(control);
    } catch (IOException e) {
      throw new NodeStartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static UUID newDirectoryId(@Nullable MetaProperties meta) {
    UUID known = meta == null ? null : meta.directoryId();
    return known == null ? UUID.randomUUID() : known;
  }

  private static NodeStartException neverPenstock(Path first, Path control) {
    return new NodeStartException(
        first
            + " has been used, but "
            + control
            + " is missing. If an Apache Kafka broker used it, stop that broker and set"
            + " `data.adopt-kafka-data: true` to take its topics over; otherwise restore "
            + control);
  }
}
