package io.penstock.storage.log;

import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the logs of one data directory share.
 *
 * @param closer runs closes of files, never on the calling thread's account
 * @param onDiskFailure hears of failures that are not a full disk; any thread, must not block
 */
public record LogServices(
    Disk disk,
    BackgroundWork work,
    Executor closer,
    LogMetrics metrics,
    LongSupplier clock,
    SharedCaches caches,
    BatchTimestampScanner scanner,
    Consumer<StorageException> onDiskFailure) {

  /** The bounded memory and descriptors that all logs of a node share. */
  public record SharedCaches(IndexCache indexes, OpenFiles files, BatchMapBudget batchMaps) {}
}
