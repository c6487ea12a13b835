package io.penstock.storage.io;

import java.nio.file.Path;
import java.util.Map;

/**
 * Linux error numbers: their names, what an operator can do about them, and which exception they
 * become. The numbers are those of every architecture that a JDK 25 runs on.
 */
final class Errno {
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int EAGAIN = 11;
  static final int ENOSPC = 28;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  private static final int ENOMEM = 12;
  private static final int EACCES = 13;
  private static final int EINVAL = 22;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;
  private static final int EFBIG = 27;
  private static final int EROFS = 30;
  private static final int ENOSYS = 38;

  private static final String LOOK_AT_DISK =
      "look at the kernel log (dmesg) and the disk's health, then replace the disk or remount it";

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "EPERM"),
          Map.entry(ENOENT, "ENOENT"),
          Map.entry(EINTR, "EINTR"),
          Map.entry(EIO, "EIO"),
          Map.entry(9, "EBADF"),
          Map.entry(EAGAIN, "EAGAIN"),
          Map.entry(ENOMEM, "ENOMEM"),
          Map.entry(EACCES, "EACCES"),
          Map.entry(14, "EFAULT"),
          Map.entry(16, "EBUSY"),
          Map.entry(17, "EEXIST"),
          Map.entry(20, "ENOTDIR"),
          Map.entry(21, "EISDIR"),
          Map.entry(EINVAL, "EINVAL"),
          Map.entry(ENFILE, "ENFILE"),
          Map.entry(EMFILE, "EMFILE"),
          Map.entry(EFBIG, "EFBIG"),
          Map.entry(ENOSPC, "ENOSPC"),
          Map.entry(EROFS, "EROFS"),
          Map.entry(36, "ENAMETOOLONG"),
          Map.entry(ENOSYS, "ENOSYS"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP"),
          Map.entry(116, "ESTALE"),
          Map.entry(117, "EUCLEAN"),
          Map.entry(EDQUOT, "EDQUOT"));

  private Errno() {}

  static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }

  /** Whether the kernel or the file system does not have the operation at all. */
  static boolean isUnsupported(int errno) {
    return errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
  }

  static StorageException exception(String what, Path path, int errno) {
    String failed = what + " failed with " + name(errno);
    if (errno == ENOSPC || errno == EDQUOT) {
      return new DiskFullException(failed, path, null);
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      // The disk is well: it must not go offline because clients hold too many connections.
      return new DiskFullException(failed, path, remedy(errno), null);
    }
    return new StorageException(failed, path, remedy(errno));
  }

  private static String remedy(int errno) {
    return switch (errno) {
      case ENOENT -> "check whether somebody moved or deleted it, or whether the disk is mounted";
      case EACCES, 1 -> "check owner and mode of the file and of its directories";
      case EMFILE, ENFILE -> "raise the limit of open files (LimitNOFILE, fs.file-max)";
      case ENOMEM -> "raise the limit of mappings (vm.max_map_count), or give the host more memory";
      case EFBIG -> "check the limit of file sizes (ulimit -f) and of the file system";
      case EROFS -> "the file system is mounted read-only, often after an error: see dmesg";
      default -> LOOK_AT_DISK;
    };
  }
}
