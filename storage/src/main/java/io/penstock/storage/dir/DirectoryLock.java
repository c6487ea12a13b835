package io.penstock.storage.dir;

import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second process away from a data directory, by an operating system's lock on the file
 * {@code .lock} in it, as Kafka does; the lock goes with the process, however that ends. A disk
 * that lives in memory has no such file and needs none.
 */
final class DirectoryLock implements AutoCloseable {
  static final String FILE_NAME = ".lock";

  private final @Nullable FileChannel channel;

  private DirectoryLock(@Nullable FileChannel channel) {
    this.channel = channel;
  }

  /** Empty when another process, or somebody else in this one, holds the lock. */
  static Optional<DirectoryLock> take(Path directory) throws StorageException {
    if (!Files.isDirectory(directory)) {
      return Optional.of(new DirectoryLock(null));
    }
    Path file = directory.resolve(FILE_NAME);
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        return Optional.empty();
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      return Optional.of(new DirectoryLock(channel));
    } catch (IOException failure) {
      throw new StorageException(
          "Cannot lock a data directory", file, "check its owner and permissions", failure);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException takenByThisProcess) {
      return false;
    }
  }

  /** Who says to hold the lock of a directory, for a message. */
  static String owner(Path directory) {
    Path file = directory.resolve(FILE_NAME);
    try {
      String pid = Files.readString(file, StandardCharsets.US_ASCII).strip();
      return pid.isEmpty() ? "another process" : "process " + pid;
    } catch (IOException unreadable) {
      return "another process";
    }
  }

  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException ignored) {
      // The lock is gone with the descriptor either way.
    }
  }
}
