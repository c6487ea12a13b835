package io.penstock.replication.partition;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A disk on which the next directory takes as long to be created as the test likes. */
final class HeldDisk implements Disk {

  private final Disk disk;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean holding;

  HeldDisk(Disk disk) {
    this.disk = disk;
  }

  void hold() {
    holding = true;
  }

  void awaitHeld() throws InterruptedException {
    if (!reached.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("no directory was created");
    }
  }

  void release() {
    released.countDown();
  }

  @Override
  public void createDirectories(Path directory) throws StorageException {
    if (holding) {
      reached.countDown();
      try {
        if (!released.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("never released");
        }
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
    disk.createDirectories(directory);
  }

  @Override
  public DiskFile open(Path path, OpenMode mode) throws StorageException {
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
