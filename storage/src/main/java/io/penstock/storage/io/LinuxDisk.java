package io.penstock.storage.io;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * The file system of a Linux host by direct system calls. Descriptors are plain numbers, so that an
 * interrupted thread cannot close a file for everybody, and {@code sendfile} can use them. Any
 * thread. What only concerns names is left to {@code java.nio.file}, which holds no descriptor.
 */
public final class LinuxDisk extends NamedFiles {
  private static final int NEW_FILE_MODE = 0644;

  /** Whether this host can be served by this class. */
  public static boolean isSupported() {
    return System.getProperty("os.name", "").equals("Linux")
        && System.getProperty("sun.arch.data.model", "").equals("64");
  }

  @Override
  public DiskFile open(Path path, OpenMode mode) throws StorageException {
    int flags =
        switch (mode) {
          case READ -> Libc.O_RDONLY;
          case READ_WRITE -> Libc.O_RDWR;
          case CREATE -> Libc.O_RDWR | Libc.O_CREAT;
        };
    return new LinuxDiskFile(descriptor(path, flags, "open"), path);
  }

  @Override
  public void syncDirectory(Path directory) throws StorageException {
    try (LinuxDiskFile opened =
        new LinuxDiskFile(descriptor(directory, Libc.O_RDONLY, "open"), directory)) {
      opened.force(true);
    }
  }

  private static int descriptor(Path path, int flags, String what) throws StorageException {
    try (Arena arena = Arena.ofConfined()) {
      var name = arena.allocateFrom(path.toString());
      int fd;
      do {
        fd = Libc.open(name, flags | Libc.O_CLOEXEC, NEW_FILE_MODE);
      } while (fd == -Errno.EINTR);
      if (fd < 0) {
        throw Errno.exception(what, path, -fd);
      }
      return fd;
    }
  }
}
