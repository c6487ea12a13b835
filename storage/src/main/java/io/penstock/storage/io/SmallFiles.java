package io.penstock.storage.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whole files on top of a disk's other operations; the same for real disks and the fake one. */
final class SmallFiles {

  private SmallFiles() {}

  static byte[] read(Disk disk, Path path, int bytesMax) throws StorageException {
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      long size = file.size();
      if (size > bytesMax) {
        throw new CorruptFileException(
            "file has " + size + " bytes, at most " + bytesMax + " are plausible",
            path,
            "look at what is in it and delete it");
      }
      byte[] content = new byte[(int) size];
      int read = size == 0 ? 0 : Math.max(0, file.read(ByteBuffer.wrap(content), 0));
      return read == size ? content : Arrays.copyOf(content, read);
    }
  }

  static void writeAtomically(Disk disk, Path path, byte[] content) throws StorageException {
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try (DiskFile file = disk.open(temporary, OpenMode.CREATE)) {
      file.truncate(0);
      file.write(new ByteBuffer[] {ByteBuffer.wrap(content)}, 1, 0);
      file.force(true);
    }
    disk.rename(temporary, path);
    @Nullable Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      disk.syncDirectory(directory);
    }
  }
}
