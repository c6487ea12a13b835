package io.penstock.replication.partition;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A disk on which new directories, segments or new names take as long as the test likes, or fail as
 * no disk should.
 */
final class HeldDisk implements Disk {

  private final Disk disk;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean holding;
  private volatile boolean holdingNames;
  private volatile @Nullable Path heldSegments;
  private volatile boolean broken;
  private volatile @Nullable Path brokenName;

  HeldDisk(Disk disk) {
    this.disk = disk;
  }

  void hold() {
    holding = true;
  }

  /** Whoever renames something waits. */
  void holdNames() {
    holdingNames = true;
  }

  /** Whether whoever creates a directory or renames something is at the end of its thread. */
  void breakNames(boolean broken) {
    this.broken = broken;
  }

  /** Whoever renames one directory is at the end of its thread. */
  void breakName(Path directory) {
    brokenName = directory;
  }

  private void checkBroken(boolean also) {
    if (broken || also) {
      throw new InternalError("as a mapped file of a bad disk");
    }
  }

  /** Whoever opens a segment below waits. */
  void holdSegments(Path directory) {
    heldSegments = directory;
  }

  void awaitHeld() throws InterruptedException {
    if (!reached.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody waits");
    }
  }

  void release() {
    released.countDown();
  }

  @Override
  public void createDirectories(Path directory) throws StorageException {
    if (holding) {
      awaitRelease();
    }
    checkBroken(false);
    disk.createDirectories(directory);
  }

  private void awaitRelease() {
    reached.countDown();
    try {
      if (!released.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("never released");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public DiskFile open(Path path, OpenMode mode) throws StorageException {
    Path held = heldSegments;
    if (held != null && path.startsWith(held) && path.toString().endsWith(".log")) {
      awaitRelease();
    }
    return disk.open(path, mode);
  }

  @Override
  public boolean exists(Path path) throws StorageException {
    return disk.exists(path);
  }

  @Override
  public List<Path> list(Path directory) throws StorageException {
    return disk.list(directory);
  }

  @Override
  public void rename(Path from, Path to) throws StorageException {
    if (holdingNames) {
      awaitRelease();
    }
    checkBroken(from.equals(brokenName));
    disk.rename(from, to);
  }

  @Override
  public void delete(Path path) throws StorageException {
    disk.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws StorageException {
    disk.syncDirectory(directory);
  }

  @Override
  public byte[] readSmall(Path path, int bytesMax) throws StorageException {
    return disk.readSmall(path, bytesMax);
  }

  @Override
  public void writeAtomically(Path path, byte[] content) throws StorageException {
    disk.writeAtomically(path, content);
  }

  @Override
  public long usableBytes(Path path) throws StorageException {
    return disk.usableBytes(path);
  }
}
