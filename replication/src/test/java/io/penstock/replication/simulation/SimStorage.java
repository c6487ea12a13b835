package io.penstock.replication.simulation;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.dir.Checkpoint;
import io.penstock.storage.dir.Checkpoint.Partition;
import io.penstock.storage.dir.CleanShutdownMark;
import io.penstock.storage.dir.PartitionMetadataFile;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchMapBudget;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogMetrics;
import io.penstock.storage.log.LogOffsets;
import io.penstock.storage.log.LogServices;
import io.penstock.storage.log.LogServices.SharedCaches;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.OpenFiles;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The one data directory of a simulated broker: the real logs, checkpoints and clean-shutdown mark,
 * kept as {@code LogDirectory} keeps them, but without its threads.
 */
final class SimStorage {

  static final Path DIRECTORY = Path.of("/data");

  private static final LogMetrics METRICS = LogMetrics.in(new MetricRegistry());
  private static final List<String> CHECKPOINTS =
      List.of(Checkpoint.RECOVERY_POINTS, Checkpoint.LOG_START_OFFSETS, Checkpoint.HIGH_WATERMARKS);

  private final Disk disk;
  private final SimWork work;
  private final LogSettings settings;
  private final LogServices services;
  private final Map<LogId, PartitionLog> logs = new LinkedHashMap<>();
  private final Map<Partition, LogOffsets> unopened = new LinkedHashMap<>();
  private final Set<Path> found = new HashSet<>();
  private boolean clean;
  private boolean failed;

  SimStorage(
      Disk disk,
      SimWork work,
      LogSettings settings,
      SimProcess process,
      Consumer<StorageException> onFailure) {
    this.disk = disk;
    this.work = work;
    this.settings = settings;
    this.services =
        new LogServices(
            disk,
            work,
            Runnable::run,
            METRICS,
            process::nowMs,
            new SharedCaches(
                new IndexCache(1 << 20), new OpenFiles(64), new BatchMapBudget(1 << 20)),
            BatchTimestampScanner.HEADERS_ONLY,
            onFailure);
  }

  /** Reads what the last process left; returns the broker epoch that ended cleanly, or -1. */
  long start() throws StorageException {
    disk.createDirectories(DIRECTORY);
    Optional<CleanShutdownMark> mark = CleanShutdownMark.read(disk, DIRECTORY);
    CleanShutdownMark.delete(disk, DIRECTORY);
    clean = mark.isPresent();
    for (Path path : disk.list(DIRECTORY)) {
      if (path.toString().contains("topic-")) {
        found.add(path);
      }
    }
    Map<Partition, long[]> read = new LinkedHashMap<>();
    for (int i = 0; i < CHECKPOINTS.size(); i++) {
      int at = i;
      readOrNothing(new Checkpoint(disk, DIRECTORY, CHECKPOINTS.get(i)))
          .forEach((partition, offset) ->
              read.computeIfAbsent(partition, _ -> new long[CHECKPOINTS.size()])[at] = offset);
    }
    read.forEach((partition, offsets) ->
        unopened.put(partition, new LogOffsets(offsets[1], offsets[0], offsets[2])));
    return mark.map(CleanShutdownMark::brokerEpoch).orElse(-1L);
  }

  private static Map<Partition, Long> readOrNothing(Checkpoint checkpoint) throws StorageException {
    try {
      return checkpoint.read();
    } catch (CorruptFileException damaged) {
      return Map.of();
    }
  }

  Collection<PartitionLog> logs() {
    return logs.values();
  }

  /** Opens the log and recovers it, or creates it. */
  PartitionLog open(LogId id) throws StorageException {
    Path directory = DIRECTORY.resolve(id.directoryName());
    Partition partition = new Partition(id.topic(), id.partition());
    PartitionLog log;
    if (isThere(directory)) {
      LogOffsets offsets = unopened.getOrDefault(partition, LogOffsets.ZERO);
      log = PartitionLog.open(id, directory, settings, services, offsets, clean);
      unopened.remove(partition);
    } else {
      log = create(id, partition, directory);
    }
    log.whenMovedBack(this::writeCheckpoints);
    logs.put(id, log);
    found.remove(directory);
    return log;
  }

  private PartitionLog create(LogId id, Partition partition, Path directory)
      throws StorageException {
    if (unopened.remove(partition) != null) {
      writeCheckpoints();
    }
    disk.createDirectories(directory);
    PartitionMetadataFile.write(disk, directory, id.topicId());
    PartitionLog log = PartitionLog.open(id, directory, settings, services, LogOffsets.ZERO, true);
    log.beforeFirstFlush(() -> {
      disk.syncDirectory(directory);
      disk.syncDirectory(DIRECTORY);
    });
    work.flush(() -> disk.syncDirectory(DIRECTORY));
    return log;
  }

  /** A directory that a crash has left without its metadata was never completely created. */
  private boolean isThere(Path directory) throws StorageException {
    if (!disk.exists(directory)) {
      return false;
    }
    if (disk.exists(directory.resolve(PartitionMetadataFile.FILE_NAME))) {
      return true;
    }
    for (Path file : disk.list(directory)) {
      disk.delete(file);
    }
    disk.delete(directory);
    return false;
  }

  /** Asks for the flushes and checkpoints that are due. */
  void tick(long nowMs) {
    if (!failed) {
      logs.values().forEach(log -> log.flushIfDue(nowMs));
      work.flush(this::writeCheckpoints);
    }
  }

  private void writeCheckpoints() throws StorageException {
    if (failed) {
      return;
    }
    Map<Partition, LogOffsets> all = new LinkedHashMap<>(unopened);
    for (PartitionLog log : logs.values()) {
      all.put(
          new Partition(log.id().topic(), log.id().partition()),
          new LogOffsets(log.logStartOffset(), log.recoveryPoint(), log.recordedHighWatermark()));
    }
    Map<Partition, Long> recovery = new LinkedHashMap<>();
    Map<Partition, Long> starts = new LinkedHashMap<>();
    Map<Partition, Long> committed = new LinkedHashMap<>();
    all.forEach((partition, offsets) -> {
      recovery.put(partition, offsets.recoveryPoint());
      starts.put(partition, offsets.logStartOffset());
      committed.put(partition, offsets.highWatermark());
    });
    new Checkpoint(disk, DIRECTORY, Checkpoint.RECOVERY_POINTS).write(recovery);
    new Checkpoint(disk, DIRECTORY, Checkpoint.LOG_START_OFFSETS).write(starts);
    new Checkpoint(disk, DIRECTORY, Checkpoint.HIGH_WATERMARKS).write(committed);
  }

  /** The disk has failed: all logs are given up. */
  void giveUp() {
    failed = true;
    work.failed();
    for (PartitionLog log : logs.values()) {
      try {
        log.abandon();
      } catch (StorageException expected) {
        // Closing a file on a failed disk.
      }
    }
  }

  /** An orderly end; a clean one only where every log that was there has been recovered. */
  void close(long brokerEpoch) throws StorageException {
    for (PartitionLog log : logs.values()) {
      log.close();
    }
    writeCheckpoints();
    if (found.isEmpty()) {
      new CleanShutdownMark(brokerEpoch).write(disk, DIRECTORY);
    }
  }
}
