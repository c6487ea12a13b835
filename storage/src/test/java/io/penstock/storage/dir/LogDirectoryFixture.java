package io.penstock.storage.dir;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchMapBudget;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogMetrics;
import io.penstock.storage.log.LogServices.SharedCaches;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.OpenFiles;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** One data directory without the others, nor their threads, by a clock in the test's hands. */
final class LogDirectoryFixture {
  private LogDirectoryFixture() {}

  static LogDirectory open(Disk disk, Path path, MetricRegistry metrics, LongSupplier clock)
      throws StorageException {
    disk.createDirectories(path);
    LogDirectory directory =
        new LogDirectory(
            DirectoryLock.take(path).orElseThrow(),
            path,
            0,
            LogDirectoriesSettings.defaults(),
            new LogDirectories.Environment(
                disk, metrics, clock, BatchTimestampScanner.HEADERS_ONLY),
            new LogDirectories.Shared(
                LogMetrics.in(metrics),
                new SharedCaches(
                    new IndexCache(1 << 20), new OpenFiles(100), new BatchMapBudget(1 << 20))),
            (_, _) -> {});
    directory.find();
    directory.openFound(_ -> LogSettings.defaults());
    return directory;
  }
}
