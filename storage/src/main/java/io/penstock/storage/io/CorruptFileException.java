package io.penstock.storage.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file was read without an error but its content is not what its format says. Files that can be
 * rebuilt from the log (indexes, snapshots, epochs) are rebuilt by whoever catches this.
 */
public final class CorruptFileException extends StorageException {
  private static final long serialVersionUID = 1L;

  public CorruptFileException(String what, Path path, String remedy) {
    super(what, path, remedy);
  }

  public CorruptFileException(String what, Path path, String remedy, @Nullable Throwable cause) {
    super(what, path, remedy, cause);
  }
}
