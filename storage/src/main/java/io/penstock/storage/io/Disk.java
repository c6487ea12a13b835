package io.penstock.storage.io;

import java.nio.file.Path;
import java.util.List;

/**
 * All that storage asks of a file system. Implementations may be called from any thread. A created,
 * renamed or deleted name survives a power failure only after {@link #syncDirectory} of its parent.
 */
public interface Disk {

  DiskFile open(Path path, OpenMode mode) throws StorageException;

  /** Creates the directory and its missing parents; existing ones are left as they are. */
  void createDirectories(Path directory) throws StorageException;

  boolean exists(Path path) throws StorageException;

  /** The entries of a directory, sorted by name. */
  List<Path> list(Path directory) throws StorageException;

  /** Moves a file or directory atomically, replacing a file that has the new name. */
  void rename(Path from, Path to) throws StorageException;

  /** Deletes a file or an empty directory; no failure where there is none. */
  void delete(Path path) throws StorageException;

  /** Makes the names in a directory durable. */
  void syncDirectory(Path directory) throws StorageException;

  /** A whole small file; one that has more than {@code bytesMax} bytes is refused as corrupt. */
  byte[] readSmall(Path path, int bytesMax) throws StorageException;

  /**
   * Replaces a small file so that after any crash its content is the old or the new one: writes
   * {@code <name>.tmp}, forces it, renames it and forces the directory.
   */
  void writeAtomically(Path path, byte[] content) throws StorageException;

  /** Bytes that this process may still write to the file system that holds {@code path}. */
  long usableBytes(Path path) throws StorageException;
}
