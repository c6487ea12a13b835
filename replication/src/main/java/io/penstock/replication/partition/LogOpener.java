package io.penstock.replication.partition;

import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the logs of partitions from the data directories: those that were found at start, when they
 * are recovered, and new ones for the rest. It is asked by the registry's thread only, and creates
 * and deletes logs on one of its own, some at a time, in the order asked: ten thousand take seconds
 * of a busy disk, the end of one waits for who renames its files, and no change of roles must wait
 * for that. By the order, whoever comes after a log of its name finds the name free.
 */
final class LogOpener {

  private static final Logger LOG = LoggerFactory.getLogger(LogOpener.class);

  /** So many are created by one call: enough to make it cheap, few enough to be served soon. */
  private static final int CREATED_TOGETHER = 128;

  private static final long CLOSE_SECONDS = 30;

  private final LogDirectories directories;

  /** What was found at start, but for what was deleted since; the registry's thread's. */
  private final Map<LogId, CompletionStage<PartitionLog>> found;

  /** What was found at start, by the name of their directories, each in another data directory. */
  private final Map<String, List<LogId>> foundByName = new HashMap<>();

  /** What was last created under a name, until it is deleted. */
  private final Map<String, LogId> createdByName = new ConcurrentHashMap<>();

  /** What is to be deleted, and how often: it is not given out any more, though it is open. */
  private final Map<LogId, Integer> leaving = new ConcurrentHashMap<>();

  private final ExecutorService creation =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("penstock-log-creation").unstarted(task));

  private volatile boolean closed;

  LogOpener(LogDirectories directories) {
    this.directories = directories;
    this.found = new HashMap<>(directories.found());
    found
        .keySet()
        .forEach(
            id -> foundByName.computeIfAbsent(id.directoryName(), _ -> new ArrayList<>()).add(id));
  }

  /**
   * A stage for each log; it is done already where the log was open. There is none for a log that
   * is not here and may not be created.
   */
  Map<LogId, CompletionStage<PartitionLog>> open(
      List<LogId> ids, Function<LogId, LogSettings> settings, Predicate<LogId> mayBeCreated) {
    Map<LogId, CompletionStage<PartitionLog>> stages = new LinkedHashMap<>();
    Map<LogSettings, List<LogId>> missing = new LinkedHashMap<>();
    for (LogId id : ids) {
      CompletionStage<PartitionLog> stage = existing(id);
      if (stage != null) {
        stages.put(id, stage);
        continue;
      }
      if (!mayBeCreated.test(id)) {
        continue;
      }
      try {
        missing.computeIfAbsent(settings.apply(id), _ -> new ArrayList<>()).add(id);
      } catch (RuntimeException defect) {
        stages.put(id, CompletableFuture.failedStage(defect));
      }
    }
    missing.forEach((wanted, group) -> createLater(group, wanted, stages));
    return stages;
  }

  private void createLater(
      List<LogId> ids, LogSettings settings, Map<LogId, CompletionStage<PartitionLog>> stages) {
    for (int from = 0; from < ids.size(); from += CREATED_TOGETHER) {
      Map<LogId, CompletableFuture<PartitionLog>> some = new LinkedHashMap<>();
      for (LogId id : ids.subList(from, Math.min(ids.size(), from + CREATED_TOGETHER))) {
        some.put(id, new CompletableFuture<>());
      }
      stages.putAll(some);
      try {
        creation.execute(() -> create(some, settings));
      } catch (RejectedExecutionException closed) {
        some.values().forEach(stage -> stage.completeExceptionally(closed));
      }
    }
  }

  private @Nullable CompletionStage<PartitionLog> existing(LogId id) {
    CompletionStage<PartitionLog> own = found.get(id);
    if (own != null && !isRecovered(own)) {
      return own;
    }
    boolean isLeaving = leaving.containsKey(id);
    // Looked for last: a stage that is done has an open log, and one that has left is not open.
    Optional<PartitionLog> open = directories.log(id);
    if (open.isPresent() && !isLeaving) {
      return CompletableFuture.completedStage(open.get());
    }
    if (own != null) {
      return CompletableFuture.failedStage(
          new StorageException(
              "The disk of a log has failed since it was recovered",
              Path.of(id.directoryName()),
              "mend the disk, and start the node again"));
    }
    for (LogId namesake : foundByName.getOrDefault(id.directoryName(), List.of())) {
      CompletionStage<PartitionLog> refusal = objectionOf(namesake);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  /** Why an older log does not make way for another one of its name, or null. */
  private @Nullable CompletionStage<PartitionLog> objectionOf(LogId old) {
    CompletionStage<PartitionLog> stage = found.get(old);
    if (stage == null) {
      return null;
    }
    if (!isRecovered(stage)) {
      return failed(old, "is not recovered yet, or damaged");
    }
    return old.topicId().equals(LogId.UNKNOWN_TOPIC_ID)
        ? failed(old, "does not say which topic it is of")
        : null;
  }

  private static boolean isRecovered(CompletionStage<PartitionLog> stage) {
    return stage.toCompletableFuture().state() == Future.State.SUCCESS;
  }

  private static CompletionStage<PartitionLog> failed(LogId old, String problem) {
    return CompletableFuture.failedStage(
        new StorageException(
            "The directory of an older log " + problem,
            Path.of(old.directoryName()),
            "move it out of the data directory"));
  }

  private void create(Map<LogId, CompletableFuture<PartitionLog>> stages, LogSettings settings) {
    List<LogId> ids = List.copyOf(stages.keySet());
    try {
      if (closed) {
        throw new RejectedExecutionException("the node is stopping");
      }
      ids.forEach(this::takeOverName);
      for (PartitionLog log : directories.createAll(ids, settings)) {
        complete(stages, log.id(), log);
      }
    } catch (RejectedExecutionException stopping) {
      stages.values().forEach(stage -> stage.completeExceptionally(stopping));
    } catch (StorageException | RuntimeException | Error failure) {
      LOG.warn("Logs cannot be created together, trying one by one: {}", failure.toString());
      stages.forEach((id, stage) -> createOne(id, settings, stage));
    }
  }

  private static void complete(
      Map<LogId, CompletableFuture<PartitionLog>> stages, LogId id, PartitionLog log) {
    CompletableFuture<PartitionLog> stage = stages.get(id);
    if (stage != null) {
      stage.complete(log);
    }
  }

  /**
   * Makes way for a new topic of a name whose last topic was deleted while this node was down, or
   * while its logs were waiting here to be created, so that the registry has not seen them: the
   * cluster knows only one topic of a name. What was found is set aside, not deleted: nobody has
   * asked this node to delete it, and it may have come from elsewhere.
   */
  private void takeOverName(LogId id) {
    LogId former = createdByName.put(id.directoryName(), id);
    if (former != null && !former.equals(id)) {
      deleteNow(former);
    }
    for (LogId old : foundByName.getOrDefault(id.directoryName(), List.of())) {
      if (!old.equals(id)) {
        setAsideNow(old);
      }
    }
  }

  /** Never fails: those that are taken over together with it still have to be. */
  private void setAsideNow(LogId id) {
    try {
      directories.setAside(id);
    } catch (StorageException | RuntimeException | Error failure) {
      LOG.error("Log cannot be set aside: partition={}", id, failure);
    }
  }

  private void createOne(LogId id, LogSettings settings, CompletableFuture<PartitionLog> stage) {
    try {
      Optional<PartitionLog> created = directories.log(id);
      stage.complete(created.isPresent() ? created.get() : directories.create(id, settings));
    } catch (StorageException | RuntimeException | Error failure) {
      stage.completeExceptionally(failure); // or whoever waits for it would never try again
    }
  }

  /**
   * Has a log put out of sight, after what was asked for before; a failure is for the operator,
   * since nobody waits for it.
   */
  void delete(LogId id) {
    found.remove(id);
    leaving.merge(id, 1, Integer::sum);
    try {
      creation.execute(() -> deleteAsAsked(id));
    } catch (RejectedExecutionException closed) {
      deleteAsAsked(id); // nobody creates logs any more
    }
  }

  private void deleteAsAsked(LogId id) {
    createdByName.remove(id.directoryName(), id);
    deleteNow(id);
    leaving.computeIfPresent(id, (_, times) -> times == 1 ? null : times - 1);
  }

  /** Never fails: who is in the middle of something goes on. */
  private void deleteNow(LogId id) {
    try {
      directories.delete(id);
    } catch (StorageException | RuntimeException | Error failure) {
      LOG.error("Log cannot be deleted: partition={}", id, failure);
    }
  }

  /** Gives up what is still to be created, and waits for what is being created or deleted. */
  void close() {
    closed = true;
    creation.shutdown(); // no interrupt: on some disks that would close files under others
    try {
      if (!creation.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Creating and deleting logs takes longer than {} s, left behind", CLOSE_SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
