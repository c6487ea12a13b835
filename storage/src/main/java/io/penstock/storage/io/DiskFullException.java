package io.penstock.storage.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file system, or a quota on it, has no room left, or this process may not open or map any more
 * files. The one disk failure that heals without a restart: nothing that was written before is in
 * doubt, and appends may be tried again.
 */
public final class DiskFullException extends StorageException {
  private static final long serialVersionUID = 1L;

  public DiskFullException(String what, Path path, @Nullable Throwable cause) {
    super(what, path, "free space on this file system or lower the retention of its topics", cause);
  }

  DiskFullException(String what, Path path, String remedy, @Nullable Throwable cause) {
    super(what, path, remedy, cause);
  }
}
