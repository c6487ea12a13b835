package io.penstock.storage.log;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerSnapshot;
import io.penstock.storage.producer.ProducerStateView;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer snapshots of one log. There is one at the start of each segment, as Kafka has them,
 * and one at the last flush, so that recovery replays no more than it has to check anyway.
 */
final class SnapshotFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);

  private final Disk disk;
  private final Path directory;
  private final ConcurrentSkipListSet<Long> offsets = new ConcurrentSkipListSet<>();

  SnapshotFiles(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /** Notes a file that was found. */
  void found(long offset) {
    offsets.add(offset);
  }

  /** A snapshot that cannot be written is missed by nobody but the next recovery. */
  synchronized void write(long offset, List<ProducerStateView> producers) throws StorageException {
    try {
      ProducerSnapshot.write(disk, ProducerSnapshot.path(directory, offset), producers);
      offsets.add(offset);
    } catch (DiskFullException full) {
      LOG.warn("No room for a snapshot: log={} cause={}", directory, full.getMessage());
    }
  }

  /** Takes one away that should not have been written. */
  synchronized void remove(long offset) throws StorageException {
    delete(offset);
  }

  boolean has(long offset) {
    return offsets.contains(offset);
  }

  OptionalLong newestAtOrBelow(long offset) {
    Long found = offsets.floor(offset);
    return found == null ? OptionalLong.empty() : OptionalLong.of(found);
  }

  /** The producers of a snapshot; one that is damaged is removed and answered by empty. */
  Optional<List<ProducerStateView>> read(long offset) throws StorageException {
    try {
      return Optional.of(ProducerSnapshot.read(disk, ProducerSnapshot.path(directory, offset)));
    } catch (CorruptFileException damaged) {
      LOG.warn("Ignoring a damaged snapshot: cause={}", damaged.getMessage());
      delete(offset);
      return Optional.empty();
    }
  }

  /** Removes those that are neither at the start of a segment nor the newest. */
  void prune(Segments segments) throws StorageException {
    Long newest = offsets.floor(Long.MAX_VALUE);
    if (newest == null) {
      return;
    }
    for (long offset : offsets) {
      boolean atSegment = segments.at(segments.floorIndex(offset)).baseOffset() == offset;
      if (offset != newest && !atSegment) {
        delete(offset);
      }
    }
  }

  void deleteAbove(long offset) throws StorageException {
    NavigableSet<Long> above = offsets.tailSet(offset, false);
    if (above.isEmpty()) {
      return;
    }
    for (long each : above) {
      delete(each);
    }
    // One that a power failure brings back would be believed once the log has grown over it.
    disk.syncDirectory(directory);
  }

  void deleteBelow(long offset) throws StorageException {
    for (long below : offsets.headSet(offset, false)) {
      delete(below);
    }
  }

  void deleteAll() throws StorageException {
    deleteAbove(-1);
  }

  private void delete(long offset) throws StorageException {
    disk.delete(ProducerSnapshot.path(directory, offset));
    offsets.remove(offset);
  }
}
