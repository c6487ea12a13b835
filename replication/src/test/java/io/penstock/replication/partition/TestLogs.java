package io.penstock.replication.partition;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.dir.LogDirectoriesSettings;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogSettings;
import java.nio.file.Path;
import java.util.List;

/** Opens data directories for tests, at a fixed time. */
final class TestLogs {

  static final long NOW_MS = 1_000_000;

  private TestLogs() {}

  static LogDirectories open(Disk disk, Path... directories) throws StorageException {
    return LogDirectories.open(
        List.of(directories),
        LogDirectoriesSettings.defaults(),
        _ -> LogSettings.defaults(),
        new LogDirectories.Environment(
            disk, new MetricRegistry(), () -> NOW_MS, BatchTimestampScanner.HEADERS_ONLY));
  }
}
