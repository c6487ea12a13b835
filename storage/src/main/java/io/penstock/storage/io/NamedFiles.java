package io.penstock.storage.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every real disk does in the same way: operations on names by {@code java.nio.file}, and
 * small files on top of {@link #open}. Any thread.
 */
abstract sealed class NamedFiles implements Disk permits LinuxDisk, NioDisk {

  @Override
  public void createDirectories(Path directory) throws StorageException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw translated("create directory", directory, e);
    }
  }

  @Override
  public boolean exists(Path path) throws StorageException {
    if (Files.exists(path)) {
      return true;
    }
    if (Files.notExists(path)) {
      return false;
    }
    throw new StorageException(
        "cannot tell whether it exists", path, "check the directories' permissions and the disk");
  }

  @Override
  public List<Path> list(Path directory) throws StorageException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw translated("list", directory, e);
    } catch (UncheckedIOException e) {
      throw translated("list", directory, new IOException(e));
    }
  }

  @Override
  public void rename(Path from, Path to) throws StorageException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw translated("rename to " + to.getFileName(), from, e);
    }
  }

  @Override
  public void delete(Path path) throws StorageException {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw translated("delete", path, e);
    }
  }

  @Override
  public byte[] readSmall(Path path, int bytesMax) throws StorageException {
    return SmallFiles.read(this, path, bytesMax);
  }

  @Override
  public void writeAtomically(Path path, byte[] content) throws StorageException {
    SmallFiles.writeAtomically(this, path, content);
  }

  @Override
  public long usableBytes(Path path) throws StorageException {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      throw translated("look up free space", path, e);
    }
  }

  /** The JDK hands the C library's words on as text; only a full disk must be told apart. */
  static StorageException translated(String what, Path path, IOException e) {
    if (e instanceof StorageException storage) {
      return storage;
    }
    String failed = what + " failed with " + reason(e);
    String words = reason(e).toLowerCase(Locale.ROOT);
    if (words.contains("no space left") || words.contains("quota exceeded")) {
      return new DiskFullException(failed, path, e);
    }
    if (words.contains("too many open files")) {
      String limits = "raise the limit of open files (LimitNOFILE, fs.file-max)";
      return new DiskFullException(failed, path, limits, e);
    }
    String remedy =
        switch (e) {
          case NoSuchFileException _ -> "check whether it was moved, or the disk is not mounted";
          case AccessDeniedException _ -> "check owner and mode of the file and its directories";
          default -> "look at the kernel log (dmesg) and the disk's health";
        };
    return new StorageException(failed, path, remedy, e);
  }

  private static String reason(IOException e) {
    @Nullable String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
