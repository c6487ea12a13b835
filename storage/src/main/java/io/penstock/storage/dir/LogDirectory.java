package io.penstock.storage.dir;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogOffsets;
import io.penstock.storage.log.LogServices;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PacedDeletion;
import io.penstock.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One data directory and the logs in it. Online until its disk fails; then its logs are given up
 * and it stays offline until the process starts again. Any thread may call.
 */
final class LogDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

  /** How soon after a flush its recovery point is written down. */
  private static final long CHECKPOINT_SOON_MS = 1_000;

  private static final long RECOVERY_WAIT_S = 600;

  /** A log's close waits for the disk a few times; many of them share those waits. */
  private static final int CLOSE_THREADS = 8;

  private final Path path;
  private final Disk disk;
  private final LogDirectoriesSettings settings;
  private final DirectoryThreads threads;
  private final LogServices services;
  private final PacedDeletion deletion;
  private final OffsetCheckpoints checkpoints;
  private final GapCheckpoint gaps;
  private final ExecutorService recovery;
  private final BiConsumer<LogDirectory, StorageException> onOffline;
  private final Map<LogId, PartitionLog> logs = new ConcurrentHashMap<>();

  /** The logs that were there at the start, each done when it is known whether it can be used. */
  private final Map<LogId, CompletableFuture<PartitionLog>> found = new ConcurrentHashMap<>();

  private final AtomicReference<@Nullable StorageException> offline = new AtomicReference<>();
  private final DirectoryLock lock;
  private DirectoryScan scan = DirectoryScan.NOTHING;
  private boolean cleanStop;
  private long checkpointedMs;
  private volatile boolean closing;
  private volatile long recoveryPointsSum;

  LogDirectory(
      DirectoryLock lock,
      Path path,
      int number,
      LogDirectoriesSettings settings,
      LogDirectories.Environment environment,
      LogDirectories.Shared shared,
      BiConsumer<LogDirectory, StorageException> onOffline) {
    this.lock = lock;
    this.path = path;
    this.disk = environment.disk();
    this.settings = settings;
    this.onOffline = onOffline;
    this.threads = new DirectoryThreads(path, number, this::failed);
    this.services =
        new LogServices(
            disk,
            threads,
            threads::closeFile,
            shared.metrics(),
            environment.clock(),
            shared.caches(),
            environment.scanner(),
            this::failed);
    this.deletion = new PacedDeletion(disk, threads);
    this.checkpoints = new OffsetCheckpoints(disk, path);
    this.gaps = new GapCheckpoint(threads::note, () -> checkpoints.writeCleaned(logs.values()));
    this.recovery =
        Executors.newFixedThreadPool(
            settings.recoveryThreads(),
            Thread.ofPlatform()
                .name("penstock-log-recovery-" + number + "-", 0)
                .daemon()
                .factory());
  }

  Path path() {
    return path;
  }

  Optional<StorageException> offlineCause() {
    return Optional.ofNullable(offline.get());
  }

  boolean isOnline() {
    return offline.get() == null;
  }

  int logCount() {
    return logs.size();
  }

  Collection<PartitionLog> logs() {
    return logs.values();
  }

  Optional<PartitionLog> log(LogId id) {
    return Optional.ofNullable(logs.get(id));
  }

  /** The logs that were there at the start and are not set aside; done when they can be used. */
  Map<LogId, CompletableFuture<PartitionLog>> found() {
    return found;
  }

  // Start ------------------------------------------------------------------------------------

  /** Finds the logs; what fails takes the directory offline. */
  void find() {
    try {
      Optional<CleanShutdownMark> mark = CleanShutdownMark.read(disk, path);
      CleanShutdownMark.delete(disk, path);
      cleanStop = mark.isPresent();
      DirectoryScan all = DirectoryScan.of(disk, path);
      checkpoints.load(all.logs().keySet());
      for (Path deleted : all.deleted()) {
        LOG.info("Going on with the deletion of a log: path={}", deleted);
        deleteFiles(deleted, () -> false);
      }
      scan = all;
      scan.logs().keySet().forEach(id -> found.put(id, new CompletableFuture<>()));
    } catch (StorageException failure) {
      failed(failure);
    }
  }

  /** Has the logs that were found opened, each on its own; the caller says which are used. */
  Map<LogId, CompletableFuture<PartitionLog>> openFound(Function<LogId, LogSettings> logSettings) {
    if (isOnline()) {
      LOG.info(
          "Opening data directory: path={} logs={} cleanStop={}",
          path,
          scan.logs().size(),
          cleanStop);
    }
    Map<LogId, CompletableFuture<PartitionLog>> openings = new LinkedHashMap<>();
    scan.logs()
        .forEach((id, directory) -> {
          CompletableFuture<PartitionLog> opening = new CompletableFuture<>();
          openings.put(id, opening);
          LogSettings ofLog = logSettings.apply(id);
          recovery.execute(() -> openFound(id, directory, ofLog, opening));
        });
    recovery.shutdown();
    return openings;
  }

  private void openFound(
      LogId id, Path directory, LogSettings ofLog, CompletableFuture<PartitionLog> opening) {
    try {
      StorageException failure = offline.get();
      if (failure != null) {
        throw failure;
      }
      if (closing) {
        opening.completeExceptionally(
            new StorageException("Node stops", directory, "none: it is opened at the next start"));
        return;
      }
      LogOffsets offsets = checkpoints.of(id);
      PartitionLog log = PartitionLog.open(id, directory, ofLog, services, offsets, cleanStop);
      log.awaitSettings(); // the cluster may take long to say them, or not know the topic
      opening.complete(log);
    } catch (StorageException failure) {
      LOG.error("Cannot open a log: partition={} cause={}", id, failure.getMessage());
      opening.completeExceptionally(failure);
      if (!(failure instanceof CorruptFileException) && !(failure instanceof DiskFullException)) {
        failed(failure);
      }
    } catch (RuntimeException | Error broken) {
      LOG.error("Cannot open a log: partition={}", id, broken);
      opening.completeExceptionally(broken);
    }
  }

  /** A log that was found and opened is used from now on, unless its disk has failed meanwhile. */
  void use(PartitionLog log) throws StorageException {
    opened(log.id(), log);
    foundAs(log.id()).complete(log);
  }

  /** A log that was found is not used, and nobody knows whether it should be. */
  void refuse(LogId id, Throwable why) {
    foundAs(id).completeExceptionally(why);
  }

  private CompletableFuture<PartitionLog> foundAs(LogId id) {
    return found.computeIfAbsent(id, _ -> new CompletableFuture<>());
  }

  /** A log that was found and opened has a better copy elsewhere; its files are kept. */
  void setAsideFound(PartitionLog log) {
    found.remove(log.id());
    checkpoints.settled(log.id());
    try {
      setAside(log);
    } catch (StorageException failure) {
      failed(failure);
    }
  }

  private void opened(LogId id, PartitionLog log) throws StorageException {
    log.whenMovedBack(this::writeCheckpoints);
    log.gapNotes(gaps);
    logs.put(id, log);
    checkpoints.settled(id);
    StorageException failure = offline.get();
    if (failure != null) { // looked at last: who gives the logs up may have missed this one
      logs.remove(id, log);
      log.abandon();
      throw failure;
    }
  }

  // Create and delete ------------------------------------------------------------------------

  /**
   * Creates logs without waiting for the disk: the names of their directories are forced together
   * in the background, and what is in them with their first records. Until then a power failure may
   * undo the creation of a log that holds nothing; whoever decided that it exists creates it again.
   * (An fsync for each of a thousand logs would take ten seconds.)
   */
  List<PartitionLog> create(List<LogId> ids, LogSettings ofLogs) throws StorageException {
    List<PartitionLog> created = new ArrayList<>(ids.size());
    for (LogId id : ids) {
      CompletableFuture<PartitionLog> known = found.get(id);
      if (logs.containsKey(id) || (known != null && !known.isDone())) {
        throw new IllegalStateException("Log exists: " + id);
      }
      makeWay(id);
    }
    if (ids.stream().anyMatch(checkpoints::speakOf)) {
      ids.forEach(checkpoints::settled);
      writeCheckpoints();
    }
    for (LogId id : ids) {
      Path directory = path.resolve(id.directoryName());
      disk.createDirectories(directory);
      writeMetadata(directory, id);
      PartitionLog log = PartitionLog.open(id, directory, ofLogs, services, LogOffsets.ZERO, true);
      log.beforeFirstFlush(() -> forceCreated(directory));
      opened(id, log);
      created.add(log);
    }
    threads.flush(() -> disk.syncDirectory(path));
    return created;
  }

  /**
   * Another topic's records must not become the new log's, nor may another log that is open share
   * its files and its lines in the checkpoints: it is closed.
   */
  private void makeWay(LogId id) throws StorageException {
    Path directory = path.resolve(id.directoryName());
    if (!disk.exists(directory)) {
      return;
    }
    for (LogId other : List.copyOf(logs.keySet())) {
      if (other.directoryName().equals(id.directoryName())) {
        setAside(other);
      }
    }
    if (disk.exists(directory)) {
      Path stray = DirectoryScan.strayName(directory, UUID.randomUUID());
      LOG.warn("Moving a directory aside that a new log is to have: to={}", stray);
      disk.rename(directory, stray);
    }
  }

  private void writeMetadata(Path directory, LogId id) throws StorageException {
    byte[] content = PartitionMetadataFile.encode(id.topicId());
    ByteBuffer bytes = ByteBuffer.allocateDirect(content.length).put(content).flip();
    Path file = directory.resolve(PartitionMetadataFile.FILE_NAME);
    try (DiskFile metadata = disk.open(file, OpenMode.CREATE)) {
      metadata.write(new ByteBuffer[] {bytes}, 1, 0);
    }
  }

  private void forceCreated(Path directory) throws StorageException {
    Path file = directory.resolve(PartitionMetadataFile.FILE_NAME);
    try (DiskFile metadata = disk.open(file, OpenMode.READ_WRITE)) {
      metadata.force(true);
    }
    disk.syncDirectory(directory);
    disk.syncDirectory(path);
  }

  /** False when the log is not here. */
  boolean delete(LogId id) throws StorageException {
    PartitionLog log = logs.remove(id);
    if (log == null) {
      return false;
    }
    Path hidden = hide(log, DirectoryScan.deletedName(log.directory(), UUID.randomUUID()));
    deleteFiles(hidden, log::isInUse);
    return true;
  }

  /** As deletion, but the files stay, under a name that this node leaves alone. */
  boolean setAside(LogId id) throws StorageException {
    PartitionLog log = logs.remove(id);
    if (log == null) {
      return false;
    }
    setAside(log);
    return true;
  }

  private void setAside(PartitionLog log) throws StorageException {
    Path stray = hide(log, DirectoryScan.strayName(log.directory(), UUID.randomUUID()));
    LOG.warn(
        "A log is set aside, delete it if it is not needed: partition={} topicId={} path={}",
        log.id(),
        WireUuid.format(log.id().topicId()),
        stray);
  }

  private Path hide(PartitionLog log, Path name) throws StorageException {
    log.abandon();
    disk.rename(log.directory(), name);
    threads.flush(() -> disk.syncDirectory(path));
    return name;
  }

  private void deleteFiles(Path directory, BooleanSupplier inUse) {
    threads.delete(
        0,
        () -> {
          List<Path> files = new ArrayList<>(disk.list(directory));
          files.add(directory);
          deletion.start(0, files, inUse);
        });
  }

  // Upkeep -----------------------------------------------------------------------------------

  /** Called once a second or so: asks for the flushes and checkpoints that are due. */
  void tick(long nowMs) {
    if (!isOnline()) {
      return;
    }
    long sum = 0;
    for (PartitionLog log : logs.values()) {
      log.flushIfDue(nowMs);
      sum += log.recoveryPoint();
    }
    // A clock that was set back must not stop the checkpoints.
    long age = nowMs < checkpointedMs ? Long.MAX_VALUE : nowMs - checkpointedMs;
    boolean moved = sum != recoveryPointsSum && age >= CHECKPOINT_SOON_MS;
    if (moved || age >= settings.checkpointMs()) {
      checkpointedMs = nowMs;
      recoveryPointsSum = sum;
      threads.flush(this::writeCheckpoints);
    }
  }

  private void writeCheckpoints() throws StorageException {
    if (isOnline()) {
      checkpoints.write(logs.values());
    }
  }

  /** Deletes what is expired in all logs, on the background. */
  void applyRetention(long nowMs) {
    for (PartitionLog log : logs.values()) {
      threads.delete(0, () -> log.applyRetention(nowMs, log.recordedHighWatermark()));
    }
  }

  /** What a cleaning met that was neither a full disk nor a damaged file. */
  void diskFailed(StorageException cause) {
    failed(cause);
  }

  // End --------------------------------------------------------------------------------------

  /** The disk has failed: gives up all logs, once. Any thread, also under a log's locks. */
  private void failed(StorageException cause) {
    if (!offline.compareAndSet(null, cause)) {
      return;
    }
    threads.failed();
    LOG.error("Data directory goes offline: path={} cause={}", path, cause.getMessage(), cause);
    Thread.ofPlatform().name("penstock-log-offline").daemon().start(() -> giveUp(cause));
  }

  private void giveUp(StorageException cause) {
    onOffline.accept(this, cause);
    for (PartitionLog log : logs.values()) {
      try {
        log.abandon();
      } catch (StorageException expected) {
        LOG.debug("Closing a file on a failed disk: cause={}", expected.getMessage());
      }
    }
  }

  /** Begins the end: what is not being opened yet will not be. */
  void stopOpening() {
    closing = true;
  }

  /** Forces and closes all logs; the mark is written only if nothing failed. */
  void close(long brokerEpoch) throws StorageException {
    boolean complete = awaitRecovery();
    StorageException first = closeLogs();
    threads.close();
    try {
      if (isOnline()) {
        checkpoints.write(logs.values());
        if (complete && first == null) {
          new CleanShutdownMark(brokerEpoch).write(disk, path);
        }
      }
    } finally {
      lock.close();
    }
    if (first != null) {
      throw first;
    }
  }

  /** Closes all logs, also after a failure; returns the first one. */
  private @Nullable StorageException closeLogs() {
    AtomicReference<@Nullable StorageException> first = new AtomicReference<>();
    try (ExecutorService closers =
        Executors.newFixedThreadPool(
            CLOSE_THREADS, Thread.ofPlatform().name("penstock-log-close-", 0).factory())) {
      for (PartitionLog log : logs.values()) {
        closers.execute(() -> closeLog(log, first));
      }
    }
    return first.get();
  }

  private void closeLog(PartitionLog log, AtomicReference<@Nullable StorageException> first) {
    try {
      log.close();
    } catch (StorageException failure) {
      LOG.error("Cannot close a log: partition={} cause={}", log.id(), failure.getMessage());
      first.compareAndSet(null, failure);
    } catch (RuntimeException | Error broken) {
      LOG.error("Cannot close a log: partition={}", log.id(), broken);
      first.compareAndSet(
          null,
          new StorageException(
              "Closing a log failed", log.directory(), "report this as a defect", broken));
    }
  }

  /** Waits for what is being opened; false if not all that was found could be. */
  boolean awaitRecovery() {
    try {
      return recovery.awaitTermination(RECOVERY_WAIT_S, TimeUnit.SECONDS)
          && found.values().stream().allMatch(log -> log.state() == Future.State.SUCCESS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
