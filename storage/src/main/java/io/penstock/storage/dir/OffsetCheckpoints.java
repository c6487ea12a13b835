package io.penstock.storage.dir;

import io.penstock.storage.dir.Checkpoint.Partition;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogOffsets;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The four checkpoints of a data directory. What was read at the start is kept, and written again,
 * for each log that is not open yet, so that a crash in the middle of recovery loses nothing. Its
 * monitor makes writers take turns.
 */
final class OffsetCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetCheckpoints.class);

  private final Checkpoint recoveryPoints;
  private final Checkpoint logStartOffsets;
  private final Checkpoint highWatermarks;
  private final Checkpoint cleaned;
  private final Map<Partition, LogOffsets> unopened = new HashMap<>();

  /** What the last of the four files says: it changes seldom, and most directories need none. */
  private Map<Partition, Long> cleanedInFile = Map.of();

  /** Of whom the files speak now; some may be gone. */
  private final Set<Partition> inFiles = new HashSet<>();

  OffsetCheckpoints(Disk disk, Path directory) {
    recoveryPoints = new Checkpoint(disk, directory, Checkpoint.RECOVERY_POINTS);
    logStartOffsets = new Checkpoint(disk, directory, Checkpoint.LOG_START_OFFSETS);
    highWatermarks = new Checkpoint(disk, directory, Checkpoint.HIGH_WATERMARKS);
    cleaned = new Checkpoint(disk, directory, Checkpoint.CLEANED);
  }

  /** Reads what the last process left, for the logs that are there. */
  synchronized void load(Set<LogId> found) throws StorageException {
    Map<Partition, Long> recovery = readOrNothing(recoveryPoints);
    Map<Partition, Long> starts = readOrNothing(logStartOffsets);
    Map<Partition, Long> committed = readOrNothing(highWatermarks);
    Map<Partition, Long> compacted = readOrNothing(cleaned);
    cleanedInFile = compacted;
    inFiles.addAll(compacted.keySet());
    inFiles.addAll(recovery.keySet());
    inFiles.addAll(starts.keySet());
    inFiles.addAll(committed.keySet());
    for (LogId id : found) {
      Partition partition = partition(id);
      unopened.put(
          partition,
          new LogOffsets(
              starts.getOrDefault(partition, 0L),
              recovery.getOrDefault(partition, 0L),
              committed.getOrDefault(partition, 0L),
              compacted.getOrDefault(partition, LogOffsets.NEVER_CLEANED)));
    }
  }

  /** Without a checkpoint recovery reads more; nothing is lost. */
  private static Map<Partition, Long> readOrNothing(Checkpoint checkpoint) throws StorageException {
    try {
      return checkpoint.read();
    } catch (CorruptFileException damaged) {
      LOG.warn("Doing without a damaged checkpoint: cause={}", damaged.getMessage());
      return Map.of();
    }
  }

  synchronized LogOffsets of(LogId id) {
    return unopened.getOrDefault(partition(id), LogOffsets.ZERO);
  }

  /** The log speaks for itself now, or is gone. */
  synchronized void settled(LogId id) {
    unopened.remove(partition(id));
  }

  /**
   * Whether the files have offsets of a log of this name. A new log must not be created before they
   * are written without them: after a crash it would begin where the old one did, or end before.
   */
  synchronized boolean speakOf(LogId id) {
    return inFiles.contains(partition(id));
  }

  synchronized void write(Collection<PartitionLog> logs) throws StorageException {
    Map<Partition, Long> recovery = new LinkedHashMap<>();
    Map<Partition, Long> starts = new LinkedHashMap<>();
    Map<Partition, Long> committed = new LinkedHashMap<>();
    Map<Partition, Long> compacted = new LinkedHashMap<>();
    unopened.forEach((partition, offsets) -> {
      noteCleaned(partition, offsets.cleanedTo(), compacted);
      recovery.put(partition, offsets.recoveryPoint());
      starts.put(partition, offsets.logStartOffset());
      committed.put(partition, offsets.highWatermark());
    });
    for (PartitionLog log : logs) {
      Partition partition = partition(log.id());
      recovery.put(partition, log.recoveryPoint());
      starts.put(partition, log.logStartOffset());
      committed.put(partition, log.recordedHighWatermark());
      noteCleaned(partition, log.cleanedTo(), compacted);
    }
    inFiles.addAll(recovery.keySet());
    recoveryPoints.write(recovery);
    logStartOffsets.write(starts);
    highWatermarks.write(committed);
    writeCleaned(compacted);
    inFiles.retainAll(recovery.keySet());
  }

  /** Only the one of the four that says which logs have gaps. */
  synchronized void writeCleaned(Collection<PartitionLog> logs) throws StorageException {
    Map<Partition, Long> compacted = new LinkedHashMap<>();
    unopened.forEach(
        (partition, offsets) -> noteCleaned(partition, offsets.cleanedTo(), compacted));
    logs.forEach(log -> noteCleaned(partition(log.id()), log.cleanedTo(), compacted));
    inFiles.addAll(compacted.keySet());
    writeCleaned(compacted);
  }

  private void writeCleaned(Map<Partition, Long> compacted) throws StorageException {
    if (!compacted.equals(cleanedInFile)) {
      cleaned.write(compacted);
      cleanedInFile = compacted;
    }
  }

  private static void noteCleaned(Partition partition, long upTo, Map<Partition, Long> compacted) {
    if (upTo >= 0) {
      compacted.put(partition, upTo);
    }
  }

  private static Partition partition(LogId id) {
    return new Partition(id.topic(), id.partition());
  }
}
