package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How files leave the disk: real ones, of holes only. */
class PacedDeletionTest {
  private static final long PIECE = PacedDeletion.PIECE_BYTES;

  private final Disk disk = Disks.local();
  private final ManualWork work = new ManualWork();
  private final PacedDeletion deletion = new PacedDeletion(disk, work);

  @TempDir Path directory;

  @Test
  void takesALargeFileAwayPieceByPiece() throws StorageException {
    Path log = file("00000000000000000000.log.deleted", 2 * PIECE + 1);

    deletion.start(5_000, List.of(log), () -> false);
    assertEquals(5_000, work.lastDelayMs());
    assertEquals(2 * PIECE + 1, sizeOf(log));

    work.runDeleting();
    assertEquals(PIECE + 1, sizeOf(log));
    assertEquals(20, work.lastDelayMs(), "a pause");
    work.runDeleting();
    assertEquals(1, sizeOf(log));
    work.runDeleting();
    assertFalse(disk.exists(log));
    assertEquals(0, work.deletions());
  }

  @Test
  void takesAFileThatIsSmallOrNoSegmentAwayAtOnce() throws StorageException {
    Path small = file("00000000000000000000.log.deleted", PIECE);
    Path index = file("00000000000000000000.index.deleted", 3 * PIECE);
    Path gone = directory.resolve("00000000000000000000.timeindex.deleted");

    deletion.start(0, List.of(small, index, gone), () -> false);
    work.runDeleting();

    assertFalse(disk.exists(small));
    assertFalse(disk.exists(index));
    assertEquals(List.of(), work.failures);
  }

  @Test
  void leavesAFileWholeWhileItIsRead() throws StorageException {
    Path log = file("00000000000000000000.log.deleted", 2 * PIECE);
    AtomicBoolean inUse = new AtomicBoolean(true);
    deletion.start(0, List.of(log), inUse::get);

    work.runDeleting();
    work.runDeleting();
    assertEquals(2 * PIECE, sizeOf(log));
    assertTrue(work.lastDelayMs() > 0, "it is not asked again and again");

    inUse.set(false);
    work.runDeleting();
    work.runDeleting();
    assertFalse(disk.exists(log));
  }

  private Path file(String name, long bytes) throws StorageException {
    Path path = directory.resolve(name);
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      file.truncate(bytes);
    }
    return path;
  }

  private long sizeOf(Path path) throws StorageException {
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      return file.size();
    }
  }
}
