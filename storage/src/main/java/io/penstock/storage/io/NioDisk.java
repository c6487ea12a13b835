package io.penstock.storage.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The file system by {@code FileChannel}, for hosts that are not Linux: development, not
 * production. It cannot reserve space or see what is in memory, and an interrupt of a thread closes
 * the file that it is in. Any thread.
 */
public final class NioDisk extends NamedFiles {

  @Override
  public DiskFile open(Path path, OpenMode mode) throws StorageException {
    Set<StandardOpenOption> options =
        switch (mode) {
          case READ -> Set.of(StandardOpenOption.READ);
          case READ_WRITE -> Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
          case CREATE ->
              Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        };
    try {
      return new NioDiskFile(FileChannel.open(path, options), path);
    } catch (IOException e) {
      throw translated("open", path, e);
    }
  }

  /** Some systems cannot open a directory; there the file system orders names by itself. */
  @Override
  public void syncDirectory(Path directory) throws StorageException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      throw translated("sync directory", directory, e);
    } catch (IOException e) {
      if (LinuxDisk.isSupported()) {
        throw translated("sync directory", directory, e);
      }
    }
  }
}
