package io.penstock.storage.dir;

import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import java.nio.file.Path;
import java.util.Set;

/** Hears once of each data directory that fails, on a thread of that directory. */
public interface LogDirectoryListener {
  void directoryOffline(Path directory, Set<LogId> logs, StorageException cause);
}
