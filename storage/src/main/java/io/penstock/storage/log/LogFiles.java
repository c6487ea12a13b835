package io.penstock.storage.log;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies in the directory of a log when it is opened, after what an interrupted deletion or
 * compaction left has been put in order by Kafka's rules: {@code .deleted} and {@code .cleaned}
 * files go; a {@code .swap} file is complete and replaces the segments whose offsets it covers.
 */
final class LogFiles {
  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final Disk disk;
  private final Path directory;
  private final Set<String> names = new HashSet<>();

  /** Sizes by base offset. */
  private final TreeMap<Long, Integer> segments = new TreeMap<>();

  private LogFiles(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  static LogFiles tidy(Disk disk, Path directory, SnapshotFiles snapshots) throws StorageException {
    LogFiles files = new LogFiles(disk, directory);
    files.removeSwapsOfNoUse(disk.list(directory));
    List<Path> swaps = files.removeLeftovers(disk.list(directory));
    if (!swaps.isEmpty()) {
      files.completeSwaps(swaps, disk.list(directory));
    }
    files.completeIndexes(disk.list(directory));
    for (Path path : disk.list(directory)) {
      files.note(path, snapshots);
    }
    return files;
  }

  /** Segment sizes by base offset. */
  NavigableMap<Long, Integer> segments() {
    return segments;
  }

  boolean hasIndexes(long baseOffset) {
    return names.contains(nameOf(SegmentIndexes.offsetsPath(directory, baseOffset)))
        && names.contains(nameOf(SegmentIndexes.timesPath(directory, baseOffset)));
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  private void note(Path path, SnapshotFiles snapshots) throws StorageException {
    names.add(nameOf(path));
    ProducerSnapshot.offsetOf(path).ifPresent(snapshots::found);
    var base = SegmentFiles.offsetOf(path, SegmentFiles.LOG_SUFFIX);
    if (base.isPresent()) {
      segments.put(base.getAsLong(), sizeOf(path));
    }
  }

  private int sizeOf(Path path) throws StorageException {
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      return Math.toIntExact(file.size());
    }
  }

  /**
   * Where a segment that was cleaned did not come to be a swap file, its indexes may have: they are
   * of no segment here. Durably before the cleaned file goes, which is how they are told.
   */
  private void removeSwapsOfNoUse(List<Path> all) throws StorageException {
    boolean removed = false;
    for (Path path : all) {
      String name = nameOf(path);
      String cleaned = SegmentFiles.LOG_SUFFIX + SegmentFiles.CLEANED_SUFFIX;
      if (!name.endsWith(cleaned)) {
        continue;
      }
      String digits = name.substring(0, name.length() - cleaned.length());
      for (Path other : all) {
        String swap = nameOf(other);
        if (swap.startsWith(digits) && isSwapOfIndex(swap)) {
          disk.delete(other);
          removed = true;
        }
      }
    }
    if (removed) {
      disk.syncDirectory(directory);
    }
  }

  /** Returns the {@code .log.swap} files. */
  private List<Path> removeLeftovers(List<Path> all) throws StorageException {
    List<Path> swaps = new ArrayList<>();
    int removed = 0;
    for (Path path : all) {
      String name = nameOf(path);
      if (name.endsWith(SegmentFiles.DELETED_SUFFIX)
          || name.endsWith(SegmentFiles.CLEANED_SUFFIX)
          || name.endsWith(".tmp")) {
        disk.delete(path);
        removed++;
      } else if (name.endsWith(SegmentFiles.LOG_SUFFIX + SegmentFiles.SWAP_SUFFIX)) {
        swaps.add(path);
      }
    }
    if (removed > 0) {
      LOG.info("Removed left-over files: log={} files={}", directory, removed);
    }
    return swaps;
  }

  private void completeSwaps(List<Path> swaps, List<Path> all) throws StorageException {
    for (Path swap : swaps) {
      Path target = withoutSwap(swap);
      long first = SegmentFiles.offsetOf(target, SegmentFiles.LOG_SUFFIX).orElse(-1);
      long last = lastOffset(swap, first);
      for (Path path : all) {
        for (String suffix : SegmentFiles.OF_A_SEGMENT) {
          var base = SegmentFiles.offsetOf(path, suffix);
          if (base.isPresent() && base.getAsLong() >= first && base.getAsLong() <= last) {
            disk.delete(path);
          }
        }
      }
      disk.syncDirectory(directory);
      disk.rename(swap, target);
      LOG.info("Completed an interrupted swap of segments: segment={}", target);
    }
    disk.syncDirectory(directory);
  }

  /** The indexes of swap files that are in place follow them. */
  private void completeIndexes(List<Path> all) throws StorageException {
    boolean moved = false;
    for (Path path : all) {
      if (isSwapOfIndex(nameOf(path))) {
        disk.rename(path, withoutSwap(path));
        moved = true;
      }
    }
    if (moved) {
      disk.syncDirectory(directory);
    }
  }

  private static boolean isSwapOfIndex(String name) {
    return name.endsWith(SegmentFiles.SWAP_SUFFIX)
        && !name.endsWith(SegmentFiles.LOG_SUFFIX + SegmentFiles.SWAP_SUFFIX);
  }

  private static Path withoutSwap(Path swap) {
    String name = nameOf(swap);
    return swap.resolveSibling(
        name.substring(0, name.length() - SegmentFiles.SWAP_SUFFIX.length()));
  }

  private long lastOffset(Path path, long fallback) throws StorageException {
    long last = fallback;
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      HeaderReader reader = HeaderReader.over(file, 0, file.size());
      while (reader.loadIfWhole()) {
        last = reader.lastOffset();
        reader.next();
      }
    }
    return last;
  }
}
