package io.penstock.storage.dir;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchMapBudget;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogMetrics;
import io.penstock.storage.log.LogServices.SharedCaches;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.OpenFiles;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data directories of a node and the logs in them: opens and recovers what is there, creates,
 * deletes, checkpoints. Any thread may call; what fails on one directory takes only that one
 * offline.
 */
public final class LogDirectories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);
  private static final long INDEX_CACHE_BYTES_MAX = 32L << 20;
  private static final int INDEX_CACHE_HEAP_SHARE = 16;
  private static final long TICK_MS = 1_000;

  /** What the directories of a node have in common. */
  public record Environment(
      Disk disk,
      MetricRegistry metrics,
      LongSupplier clock,
      BatchTimestampScanner scanner,
      BatchCodec codec) {

    /** One that has no codecs: compressed batches stay as they are. */
    public Environment(
        Disk disk, MetricRegistry metrics, LongSupplier clock, BatchTimestampScanner scanner) {
      this(disk, metrics, clock, scanner, BatchCodec.NONE);
    }
  }

  /** What the logs of all directories share. */
  record Shared(LogMetrics metrics, SharedCaches caches) {}

  private final LogDirectoriesSettings settings;
  private final Environment environment;
  private final List<LogDirectory> directories = new ArrayList<>();
  private final List<LogDirectoryListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<LogId, CompletionStage<PartitionLog>> found = new LinkedHashMap<>();
  private final Object creation = new Object();
  private final LogCleaners cleaners;
  private final DuplicateLogs duplicates;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("penstock-log-timer").daemon().factory());

  private LogDirectories(LogDirectoriesSettings settings, Environment environment) {
    this.settings = settings;
    this.environment = environment;
    this.duplicates = new DuplicateLogs(environment.metrics());
    this.cleaners =
        new LogCleaners(
            settings.cleaner(),
            environment.codec(),
            environment.metrics(),
            environment.clock(),
            () -> directories.stream().filter(LogDirectory::isOnline));
  }

  /**
   * Locks the directories and starts to open the logs in them; fails when a directory is in use by
   * another process, or when none of them is usable.
   *
   * @param logSettings what a log that was found is opened with; it deletes and compacts nothing
   *     before its topic's settings have come by {@link PartitionLog#updateSettings}
   */
  public static LogDirectories open(
      List<Path> paths,
      LogDirectoriesSettings settings,
      Function<LogId, LogSettings> logSettings,
      Environment environment)
      throws StorageException {
    LogDirectories all = new LogDirectories(settings, environment);
    Map<Path, DirectoryLock> locks = lock(paths, environment.disk());
    Shared shared = new Shared(LogMetrics.in(environment.metrics()), caches());
    for (Map.Entry<Path, DirectoryLock> entry : locks.entrySet()) {
      all.directories.add(
          new LogDirectory(
              entry.getValue(),
              entry.getKey(),
              all.directories.size(),
              settings,
              environment,
              shared,
              all::wentOffline));
    }
    all.start(logSettings);
    return all;
  }

  private static SharedCaches caches() {
    long indexBytes =
        Math.min(INDEX_CACHE_BYTES_MAX, Runtime.getRuntime().maxMemory() / INDEX_CACHE_HEAP_SHARE);
    return new SharedCaches(
        new IndexCache(indexBytes),
        new OpenFiles(OpenFiles.OPEN_MAX_DEFAULT),
        BatchMapBudget.ofThisProcess());
  }

  /** One that cannot be made or locked is left out; one that somebody has locked ends it all. */
  private static Map<Path, DirectoryLock> lock(List<Path> paths, Disk disk)
      throws StorageException {
    Map<Path, DirectoryLock> locks = new LinkedHashMap<>();
    Optional<StorageException> unusable = Optional.empty();
    for (Path path : paths) {
      Optional<DirectoryLock> lock;
      try {
        disk.createDirectories(path);
        lock = DirectoryLock.take(path);
      } catch (StorageException failure) {
        LOG.error("Doing without a data directory: cause={}", failure.getMessage());
        unusable = Optional.of(failure);
        continue;
      }
      if (lock.isEmpty()) {
        locks.values().forEach(DirectoryLock::close);
        throw new StorageException(
            "Data directory is in use by " + DirectoryLock.owner(path),
            path,
            "stop that process, or choose another directory");
      }
      locks.put(path, lock.get());
    }
    if (locks.isEmpty() && unusable.isPresent()) {
      throw unusable.get();
    }
    return locks;
  }

  private void start(Function<LogId, LogSettings> logSettings) throws StorageException {
    openFound(logSettings);
    Optional<LogDirectory> online = directories.stream().filter(LogDirectory::isOnline).findAny();
    if (online.isEmpty()) {
      StorageException cause = directories.getFirst().offlineCause().orElseThrow();
      close();
      throw cause;
    }
    register("penstock.log.bytes", PartitionLog::sizeBytes);
    register("penstock.log.segments", PartitionLog::segmentCount);
    register("penstock.log.count", _ -> 1);
    Gauge<Long> offline = () -> directories.stream().filter(each -> !each.isOnline()).count();
    environment.metrics().gauge("penstock.log.directories.offline", () -> offline);
    cleaners.start();
    every(TICK_MS, this::tick);
    every(settings.retentionCheckMs(), this::applyRetention);
  }

  private void every(long periodMs, Runnable task) {
    Future<?> _ = timer.scheduleWithFixedDelay(task, periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  private void openFound(Function<LogId, LogSettings> logSettings) {
    directories.forEach(LogDirectory::find);
    Map<LogId, List<DuplicateLogs.Copy>> copies = new LinkedHashMap<>();
    for (LogDirectory directory : directories) {
      directory
          .openFound(logSettings)
          .forEach((id, opening) ->
              copies
                  .computeIfAbsent(id, _ -> new ArrayList<>())
                  .add(new DuplicateLogs.Copy(directory, opening)));
    }
    copies.forEach((id, ofLog) -> found.put(id, duplicates.choose(id, ofLog)));
  }

  private void register(String name, ToLongFunction<PartitionLog> value) {
    Gauge<Long> sum =
        () ->
            directories.stream()
                .flatMap(directory -> directory.logs().stream())
                .mapToLong(value)
                .sum();
    environment.metrics().gauge(name, () -> sum);
  }

  private void tick() {
    try {
      long nowMs = environment.clock().getAsLong();
      directories.forEach(directory -> directory.tick(nowMs));
    } catch (RuntimeException defect) {
      LOG.error("Upkeep of the logs failed; it is tried again", defect);
    }
  }

  private void applyRetention() {
    long nowMs = environment.clock().getAsLong();
    directories.forEach(directory -> directory.applyRetention(nowMs));
  }

  private void wentOffline(LogDirectory directory, StorageException cause) {
    Set<LogId> lost = new HashSet<>(directory.found().keySet());
    directory.logs().forEach(log -> lost.add(log.id()));
    for (LogDirectoryListener listener : listeners) {
      listener.directoryOffline(directory.path(), lost, cause);
    }
  }

  /** Hears of each directory that fails from now on; those that have failed are in the view. */
  public void addListener(LogDirectoryListener listener) {
    listeners.add(listener);
  }

  /** The logs that were there when the directories were opened, each done when it is usable. */
  public Map<LogId, CompletionStage<PartitionLog>> found() {
    return Map.copyOf(found);
  }

  /** A log that is open. */
  public Optional<PartitionLog> log(LogId id) {
    for (LogDirectory directory : directories) {
      Optional<PartitionLog> log = directory.log(id);
      if (log.isPresent() && directory.isOnline()) {
        return log;
      }
    }
    return Optional.empty();
  }

  /** Creates an empty log in the usable directory with the fewest logs. */
  public PartitionLog create(LogId id, LogSettings settings) throws StorageException {
    return createAll(List.of(id), settings).getFirst();
  }

  /** Creates many; much cheaper than one by one. In the order of the ids. */
  public List<PartitionLog> createAll(List<LogId> ids, LogSettings settings)
      throws StorageException {
    synchronized (creation) {
      Map<LogDirectory, List<LogId>> plan = place(ids);
      Map<LogId, PartitionLog> created = new HashMap<>();
      for (Map.Entry<LogDirectory, List<LogId>> part : plan.entrySet()) {
        for (PartitionLog log : part.getKey().create(part.getValue(), settings)) {
          created.put(log.id(), log);
        }
      }
      List<PartitionLog> inOrder = new ArrayList<>(ids.size());
      for (LogId id : ids) {
        PartitionLog log = created.get(id);
        if (log != null) {
          inOrder.add(log);
        }
      }
      return inOrder;
    }
  }

  private Map<LogDirectory, List<LogId>> place(List<LogId> ids) throws StorageException {
    Map<LogDirectory, Integer> counts = new LinkedHashMap<>();
    for (LogDirectory directory : directories) {
      if (directory.isOnline()) {
        counts.put(directory, directory.logCount());
      }
    }
    Map<LogDirectory, List<LogId>> plan = new LinkedHashMap<>();
    for (LogId id : ids) {
      LogDirectory emptiest =
          counts.entrySet().stream()
              .min(Comparator.comparingInt(Map.Entry::getValue))
              .map(Map.Entry::getKey)
              .orElse(null);
      if (emptiest == null) {
        throw directories.getFirst().offlineCause().orElseThrow();
      }
      counts.merge(emptiest, 1, Integer::sum);
      plan.computeIfAbsent(emptiest, _ -> new ArrayList<>()).add(id);
    }
    return plan;
  }

  /** Closes a log and puts it out of sight at once; its files are unlinked in the background. */
  public void delete(LogId id) throws StorageException {
    for (LogDirectory directory : directories) {
      if (directory.delete(id)) {
        return;
      }
    }
  }

  /**
   * Closes a log and takes it out of the way of another one of its name; its files are kept under a
   * name that no log has, for the operator to look at.
   */
  public void setAside(LogId id) throws StorageException {
    for (LogDirectory directory : directories) {
      if (directory.setAside(id)) {
        return;
      }
    }
  }

  /** The directories that can be used now: neither left out at the start nor failed since. */
  public List<Path> online() {
    return directories.stream().filter(LogDirectory::isOnline).map(LogDirectory::path).toList();
  }

  /** The directories as they are now. */
  public List<LogDirectoryView> describe() {
    return directories.stream().map(this::view).toList();
  }

  private LogDirectoryView view(LogDirectory directory) {
    Map<LogId, Long> sizes = new HashMap<>();
    for (PartitionLog log : directory.logs()) {
      sizes.put(log.id(), log.sizeBytes());
    }
    Optional<String> cause = directory.offlineCause().map(StorageException::getMessage);
    long total = -1;
    long usable = -1;
    if (cause.isEmpty()) {
      try {
        total = Files.getFileStore(directory.path()).getTotalSpace();
        usable = environment.disk().usableBytes(directory.path());
      } catch (IOException unknown) {
        LOG.debug("Cannot tell the space of a data directory: {}", unknown.getMessage());
      }
    }
    return new LogDirectoryView(directory.path(), total, usable, sizes, cause);
  }

  /** Forces and closes all logs; all directories are closed even if one fails. */
  @Override
  public void close() throws StorageException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    timer.shutdownNow();
    cleaners.close();
    // All of them first: which copy of a log is used may wait for another directory's.
    directories.forEach(LogDirectory::stopOpening);
    directories.forEach(LogDirectory::awaitRecovery);
    StorageException first = null;
    for (LogDirectory directory : directories) {
      try {
        directory.close(settings.brokerEpoch().getAsLong());
      } catch (StorageException failure) {
        first = first == null ? failure : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
