package io.penstock.storage.dir;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the entries of a data directory are, by Kafka's names: logs, logs that were being deleted
 * ({@code -delete}), and others that are left alone with a word in the log: copies of an unfinished
 * move ({@code -future}), logs that a broker did not know any more ({@code -stray}), and Kafka's
 * own metadata log.
 */
record DirectoryScan(Map<LogId, Path> logs, List<Path> deleted) {
  /** What a directory holds that cannot be looked at. */
  static final DirectoryScan NOTHING = new DirectoryScan(Map.of(), List.of());

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryScan.class);
  private static final String DELETE_SUFFIX = "-delete";
  private static final String FUTURE_SUFFIX = "-future";
  private static final String STRAY_SUFFIX = "-stray";
  private static final String KAFKA_METADATA = "__cluster_metadata-0";
  private static final String SEGMENT_SUFFIX = ".log";
  private static final int NAME_LENGTH_MAX = 255;

  static DirectoryScan of(Disk disk, Path directory) throws StorageException {
    Map<LogId, Path> logs = new LinkedHashMap<>();
    List<Path> deleted = new ArrayList<>();
    for (Path path : disk.list(directory)) {
      String name = String.valueOf(path.getFileName());
      if (name.endsWith(DELETE_SUFFIX)) {
        deleted.add(path);
      } else if (name.endsWith(FUTURE_SUFFIX) || name.endsWith(STRAY_SUFFIX)) {
        LOG.warn("Leaving a directory alone, delete it if it is not needed: path={}", path);
      } else if (name.equals(KAFKA_METADATA)) {
        LOG.info("Ignoring Kafka's metadata log: path={}", path);
      } else {
        Optional<LogId> id = identify(disk, path, name);
        if (id.isPresent() && isUnborn(disk, path, id.get())) {
          LOG.info("Removing a log that was never completely created: path={}", path);
          deleted.add(path);
        } else {
          id.ifPresent(known -> logs.put(known, path));
        }
      }
    }
    return new DirectoryScan(logs, deleted);
  }

  private static Optional<LogId> identify(Disk disk, Path path, String name)
      throws StorageException {
    int dash = name.lastIndexOf('-');
    if (dash <= 0 || dash == name.length() - 1) {
      return Optional.empty();
    }
    int partition = 0;
    for (int at = dash + 1; at < name.length(); at++) {
      int digit = name.charAt(at) - '0';
      if (digit < 0 || digit > 9 || partition > (Integer.MAX_VALUE - digit) / 10) {
        return Optional.empty();
      }
      partition = partition * 10 + digit;
    }
    return holdsLog(disk, path)
        ? Optional.of(new LogId(name.substring(0, dash), topicId(disk, path), partition))
        : Optional.empty();
  }

  /**
   * A power failure right after a creation leaves names without what was in the files: empty
   * metadata, an empty segment, and nothing else.
   */
  private static boolean isUnborn(Disk disk, Path path, LogId id) throws StorageException {
    if (!id.topicId().equals(LogId.UNKNOWN_TOPIC_ID)) {
      return false;
    }
    boolean metadata = false;
    for (Path entry : disk.list(path)) {
      String name = String.valueOf(entry.getFileName());
      metadata |= name.equals(PartitionMetadataFile.FILE_NAME);
      if (!(name.equals(PartitionMetadataFile.FILE_NAME) || name.endsWith(SEGMENT_SUFFIX))) {
        return false;
      }
      try (DiskFile file = disk.open(entry, OpenMode.READ)) {
        if (file.size() > 0) {
          return false;
        }
      }
    }
    return metadata;
  }

  /** Other directories may have names like a log's; one without segments or metadata is none. */
  private static boolean holdsLog(Disk disk, Path path) throws StorageException {
    for (Path entry : disk.list(path)) {
      String name = String.valueOf(entry.getFileName());
      if (name.equals(PartitionMetadataFile.FILE_NAME) || name.endsWith(SEGMENT_SUFFIX)) {
        return true;
      }
    }
    return false;
  }

  private static UUID topicId(Disk disk, Path path) throws StorageException {
    try {
      return PartitionMetadataFile.read(disk, path).orElse(LogId.UNKNOWN_TOPIC_ID);
    } catch (CorruptFileException damaged) {
      LOG.warn("A log does not say its topic's id: cause={}", damaged.getMessage());
      return LogId.UNKNOWN_TOPIC_ID;
    }
  }

  /** The name of a log's directory while its files are being unlinked; unique by the mark. */
  static Path deletedName(Path logDirectory, UUID mark) {
    return hiddenName(logDirectory, mark, DELETE_SUFFIX);
  }

  /** The name of a directory that is in the way of a new log and that nobody asks for. */
  static Path strayName(Path logDirectory, UUID mark) {
    return hiddenName(logDirectory, mark, STRAY_SUFFIX);
  }

  private static Path hiddenName(Path logDirectory, UUID mark, String kind) {
    String suffix = "." + mark.toString().replace("-", "") + kind;
    String name = String.valueOf(logDirectory.getFileName());
    int room = Math.min(name.length(), NAME_LENGTH_MAX - suffix.length());
    return logDirectory.resolveSibling(name.substring(0, room) + suffix);
  }
}
