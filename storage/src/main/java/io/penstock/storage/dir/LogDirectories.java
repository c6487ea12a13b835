package io.penstock.storage.dir;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The data directories of a node and the logs in them: opens and recovers what is there, creates,
 * deletes, checkpoints. Any thread may call; what fails on one directory takes only that one
 * offline.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class LogDirectories implements AutoCloseable {

  /** What the directories of a node have in common. */
  public record Environment(
      Disk disk, MetricRegistry metrics, LongSupplier clock, BatchTimestampScanner scanner) {}

  /**
   * Locks the directories and starts to open the logs in them; fails when a directory is in use by
   * another process, or when none of them is usable.
   *
   * @param logSettings the settings of a log that was found
   */
  public static LogDirectories open(
      List<Path> paths,
      LogDirectoriesSettings settings,
      Function<LogId, LogSettings> logSettings,
      Environment environment)
      throws StorageException {
    throw new UnsupportedOperationException();
  }

  public void addListener(LogDirectoryListener listener) {
    throw new UnsupportedOperationException();
  }

  /** The logs that were there when the directories were opened, each done when it is usable. */
  public Map<LogId, CompletionStage<PartitionLog>> found() {
    throw new UnsupportedOperationException();
  }

  /** A log that is open. */
  public Optional<PartitionLog> log(LogId id) {
    throw new UnsupportedOperationException();
  }

  /** Creates an empty log in the usable directory with the fewest logs. */
  public PartitionLog create(LogId id, LogSettings settings) throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Creates many; much cheaper than one by one. In the order of the ids. */
  public List<PartitionLog> createAll(List<LogId> ids, LogSettings settings)
      throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Closes a log and puts it out of sight at once; its files are unlinked in the background. */
  public void delete(LogId id) throws StorageException {
    throw new UnsupportedOperationException();
  }

  public List<LogDirectoryView> describe() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws StorageException {
    throw new UnsupportedOperationException();
  }
}
