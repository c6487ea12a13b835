package io.penstock.storage.log;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the files of one segment the names that say what becomes of it: written by a cleaning,
 * about to replace others, in place, deleted. Under the segment's lock for changes of form; open
 * readers go on through all of them.
 */
final class SegmentNames {
  private final Disk disk;
  private final Path directory;
  private final long baseOffset;
  private final SegmentFile file;
  private final SegmentIndexes indexes;

  SegmentNames(
      Disk disk, Path directory, long baseOffset, SegmentFile file, SegmentIndexes indexes) {
    this.disk = disk;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.file = file;
    this.indexes = indexes;
  }

  /**
   * Makes a sealed segment that a cleaning wrote one that a restart puts in place. Its indexes are
   * renamed first: without the name of the batches, they mean nothing.
   */
  void markAsSwap() throws StorageException {
    indexes.moveTo(SegmentFiles.SWAP_SUFFIX);
    disk.syncDirectory(directory);
    file.moveTo(SegmentFiles.marked(logPath(), SegmentFiles.SWAP_SUFFIX));
    disk.syncDirectory(directory);
  }

  /** Takes the names of the segment that it replaces, which has other ones by now. */
  void takePlace() throws StorageException {
    disk.syncDirectory(directory);
    file.moveTo(logPath());
    disk.syncDirectory(directory);
    indexes.moveTo("");
    disk.syncDirectory(directory);
  }

  /** Takes what a cleaning wrote from the disk. */
  void deleteCleaned() throws StorageException {
    for (String suffix : SegmentFiles.OF_A_SEGMENT) {
      Path path = SegmentFiles.path(directory, baseOffset, suffix);
      disk.delete(SegmentFiles.marked(path, SegmentFiles.CLEANED_SUFFIX));
    }
  }

  /** Renames the files so that no restart sees them; returns what they are called now. */
  List<Path> markAsDeleted() throws StorageException {
    List<Path> renamed = new ArrayList<>();
    for (String suffix : SegmentFiles.OF_A_SEGMENT) {
      Path from = SegmentFiles.path(directory, baseOffset, suffix);
      if (!disk.exists(from)) {
        continue;
      }
      Path to = SegmentFiles.deleted(from, renamedAs(from));
      if (suffix.equals(SegmentFiles.LOG_SUFFIX)) {
        disk.rename(from, to);
      } else {
        // Who still reads here must not find the index of a segment that takes this one's name.
        indexes.moveTo(suffix, to);
      }
      renamed.add(to);
    }
    return renamed;
  }

  /** A log that is emptied twice has deleted two segments of the same name. */
  private int renamedAs(Path from) throws StorageException {
    int number = 0;
    while (disk.exists(SegmentFiles.deleted(from, number))) {
      number++;
    }
    return number;
  }

  private Path logPath() {
    return SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG_SUFFIX);
  }
}
