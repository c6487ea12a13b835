package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;

/** Work on files that may fail as disks do. */
@FunctionalInterface
public interface StorageTask {
  void run() throws StorageException;
}
