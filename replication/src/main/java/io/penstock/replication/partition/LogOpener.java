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
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the logs of partitions from the data directories: those that were found at start, when they
 * are recovered, and new ones for the rest, many at a time. Used by the registry's thread only.
 */
final class LogOpener {

  private static final Logger LOG = LoggerFactory.getLogger(LogOpener.class);

  private final LogDirectories directories;
  private final Map<LogId, CompletionStage<PartitionLog>> found;

  /** What was found at start, by the name of its directory, which only one log can have. */
  private final Map<String, LogId> foundByName = new HashMap<>();

  LogOpener(LogDirectories directories) {
    this.directories = directories;
    this.found = directories.found();
    found.keySet().forEach(id -> foundByName.put(id.directoryName(), id));
  }

  /** A stage for each log; it is done already where the log was open or could be created. */
  Map<LogId, CompletionStage<PartitionLog>> open(
      List<LogId> ids, Function<LogId, LogSettings> settings) {
    Map<LogId, CompletionStage<PartitionLog>> stages = new LinkedHashMap<>();
    Map<LogSettings, List<LogId>> missing = new LinkedHashMap<>();
    for (LogId id : ids) {
      CompletionStage<PartitionLog> stage = existing(id);
      if (stage != null) {
        stages.put(id, stage);
        continue;
      }
      try {
        missing.computeIfAbsent(settings.apply(id), _ -> new ArrayList<>()).add(id);
      } catch (RuntimeException defect) {
        stages.put(id, CompletableFuture.failedStage(defect));
      }
    }
    missing.forEach((wanted, group) -> create(group, wanted, stages));
    return stages;
  }

  private @Nullable CompletionStage<PartitionLog> existing(LogId id) {
    Optional<PartitionLog> open = directories.log(id);
    if (open.isPresent()) {
      return CompletableFuture.completedStage(open.get());
    }
    LogId namesake = foundByName.get(id.directoryName());
    CompletionStage<PartitionLog> stage = namesake == null ? null : found.get(namesake);
    if (namesake == null || stage == null) {
      return null;
    }
    boolean recovered = stage.toCompletableFuture().state() == Future.State.SUCCESS;
    if (namesake.equals(id)) {
      return recovered ? null : stage;
    }
    return recovered ? replace(namesake) : failed(namesake, "is not recovered yet, or damaged");
  }

  /**
   * Makes way for a new topic of a name whose last topic was deleted while this node was down: the
   * cluster knows only one topic of a name. The old log is set aside, not deleted: nobody has asked
   * this node to delete it, and it may have come from elsewhere. One that does not say which topic
   * it is of stays.
   */
  private @Nullable CompletionStage<PartitionLog> replace(LogId old) {
    if (old.topicId().equals(LogId.UNKNOWN_TOPIC_ID)) {
      return failed(old, "does not say which topic it is of");
    }
    if (directories.log(old).isPresent()) {
      try {
        directories.setAside(old);
      } catch (StorageException failure) {
        return CompletableFuture.failedStage(failure);
      }
    }
    return null;
  }

  private static CompletionStage<PartitionLog> failed(LogId old, String problem) {
    return CompletableFuture.failedStage(
        new StorageException(
            "The directory of an older log " + problem,
            Path.of(old.directoryName()),
            "move it out of the data directory"));
  }

  private void create(
      List<LogId> ids, LogSettings settings, Map<LogId, CompletionStage<PartitionLog>> stages) {
    try {
      for (PartitionLog log : directories.createAll(ids, settings)) {
        stages.put(log.id(), CompletableFuture.completedStage(log));
      }
    } catch (StorageException failure) {
      LOG.warn("Logs cannot be created together, trying one by one: {}", failure.getMessage());
      for (LogId id : ids) {
        stages.put(id, createOne(id, settings));
      }
    }
  }

  private CompletionStage<PartitionLog> createOne(LogId id, LogSettings settings) {
    Optional<PartitionLog> created = directories.log(id);
    if (created.isPresent()) {
      return CompletableFuture.completedStage(created.get());
    }
    try {
      return CompletableFuture.completedStage(directories.create(id, settings));
    } catch (StorageException failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  /** Puts a log out of sight; a failure is for the operator, since nobody waits for it. */
  void delete(LogId id) {
    try {
      directories.delete(id);
    } catch (StorageException failure) {
      LOG.error("Log cannot be deleted: partition={}", id, failure);
    }
  }
}
