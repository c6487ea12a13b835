package io.penstock.storage.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A disk did not do what it was asked to. Carries the path and a remedy for an operator, both of
 * which are part of the message; whoever catches it takes the partition or the directory offline.
 */
public sealed class StorageException extends IOException
    permits DiskFullException, CorruptFileException {
  private static final long serialVersionUID = 1L;

  private final transient Path path;
  private final String remedy;

  public StorageException(String what, Path path, String remedy) {
    this(what, path, remedy, null);
  }

  public StorageException(String what, Path path, String remedy, @Nullable Throwable cause) {
    super(what + ": " + path + " (" + remedy + ")", cause);
    this.path = path;
    this.remedy = remedy;
  }

  public Path path() {
    return path;
  }

  public String remedy() {
    return remedy;
  }
}
