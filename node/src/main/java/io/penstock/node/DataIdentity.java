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
import java.util.Collection;
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
  private final Path controlDirectory;
  private final @Nullable UUID clusterId;
  private final boolean member;
  private final boolean adopting;
  private final Map<Path, @Nullable MetaProperties> found;

  /** The ids of directories that have none yet. */
  private final Map<Path, UUID> drawn = new LinkedHashMap<>();

  /** What the first directory says, or is to say from {@link #claim} on. */
  private NodeMark mark;

  private DataIdentity(
      Disk disk,
      Path controlDirectory,
      @Nullable UUID clusterId,
      boolean member,
      boolean adopting,
      Map<Path, @Nullable MetaProperties> found,
      NodeMark mark) {
    this.disk = disk;
    this.controlDirectory = controlDirectory;
    this.clusterId = clusterId;
    this.member = member;
    this.adopting = adopting;
    this.found = found;
    this.mark = mark;
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
    NodeMark mark = mark(disk, first, nodeId, raft, found.get(first));
    UUID known = known(cluster, raft, mark);
    if (cluster != null && known == null && !config.data().adoptKafkaData()) {
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
        control,
        known,
        raft.isPresent() && raft.get().member(),
        known == null && config.data().adoptKafkaData(),
        found,
        mark);
  }

  /** The cluster that the directories name, if what has to be there for it is there. */
  private static @Nullable UUID known(
      @Nullable String cluster, Optional<RaftIdentity> raft, NodeMark mark) {
    if (raft.isPresent()) {
      UUID clusterId = raft.get().clusterId();
      return cluster == null || cluster.equals(WireUuid.format(clusterId)) ? clusterId : null;
    }
    return cluster == null || mark.role() != NodeMark.Role.OBSERVER
        ? null
        : WireUuid.parse(cluster);
  }

  private static NodeMark mark(
      Disk disk, Path first, int nodeId, Optional<RaftIdentity> raft, @Nullable MetaProperties meta)
      throws StorageException, NodeStartException {
    NodeMark found = NodeMark.read(disk, first).orElse(null);
    if (found != null && found.nodeId() != nodeId) {
      throw ofAnotherNode(first, found.nodeId(), nodeId);
    }
    if (raft.isPresent()) {
      UUID directoryId = raft.get().directoryId();
      return found != null && found.directoryId().equals(directoryId)
          ? found
          : new NodeMark(nodeId, directoryId, NodeMark.Role.NEW);
    }
    return found != null ? found : new NodeMark(nodeId, newDirectoryId(meta), NodeMark.Role.NEW);
  }

  Path controlDirectory() {
    return controlDirectory;
  }

  UUID controlDirectoryId() {
    return mark.directoryId();
  }

  /**
   * The ids of the data directories that can be used, the first one's first. One that is new has
   * the id that {@link #complete} writes into it, which comes before the node is registered.
   *
   * @param online where logs can be kept: a directory that could be read when the node began may be
   *     left out since, and the cluster must not believe that its logs are there
   */
  List<UUID> directoryIds(Collection<Path> online) {
    List<UUID> ids = new ArrayList<>();
    boolean first = true;
    for (Path directory : found.keySet()) {
      UUID id = first ? mark.directoryId() : directoryId(directory);
      first = false;
      if (online.contains(directory)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** Whether logs can be kept in every directory that could be read when the node began. */
  boolean canUseAll(Collection<Path> online) {
    return online.containsAll(found.keySet());
  }

  private UUID directoryId(Path directory) {
    MetaProperties known = found.get(directory);
    UUID id = known == null ? null : known.directoryId();
    return id != null ? id : drawn.computeIfAbsent(directory, _ -> UUID.randomUUID());
  }

  /** Whether the Raft directory holds votes of this node: it need not look for its cluster. */
  boolean isMember() {
    return member;
  }

  /** Makes the id of the control plane's directory outlive a crash: now it may be told. */
  void claim() throws StorageException {
    write(mark);
  }

  private void write(NodeMark wanted) throws StorageException {
    Path first = found.keySet().iterator().next();
    if (!wanted.equals(NodeMark.read(disk, first).orElse(null))) {
      wanted.write(disk, first);
    }
    mark = wanted;
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

  /**
   * Writes down, where it is not yet, that the directories belong to this node of this cluster.
   *
   * @param voter whether the node has a vote now
   */
  synchronized void complete(UUID cluster, boolean voter) throws StorageException {
    boolean voted = voter || mark.role() == NodeMark.Role.VOTER;
    NodeMark.Role role = voted ? NodeMark.Role.VOTER : NodeMark.Role.OBSERVER;
    write(new NodeMark(mark.nodeId(), mark.directoryId(), role));
    String text = WireUuid.format(cluster);
    boolean first = true;
    for (Map.Entry<Path, @Nullable MetaProperties> entry : found.entrySet()) {
      MetaProperties known = entry.getValue();
      UUID directoryId = first ? mark.directoryId() : directoryId(entry.getKey());
      first = false;
      MetaProperties wanted = new MetaProperties(text, mark.nodeId(), directoryId);
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
        throw ofAnotherNode(entry.getKey(), meta.nodeId(), nodeId);
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

  private static NodeStartException ofAnotherNode(Path directory, int owner, int nodeId) {
    return new NodeStartException(
        "data directory "
            + directory
            + " belongs to node "
            + owner
            + ", but this is node "
            + nodeId
            + "; set `node.id` to "
            + owner
            + ", or name another directory");
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
            + control
            + ", or empty the data directories and let the node join anew");
  }
}
