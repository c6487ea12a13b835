package io.penstock.storage.dir;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which copy of a log is used that was found in several data directories, as a disk that was
 * away, or files that an operator moved, leave them: the one that has come farthest, by the epoch
 * of its last records and then by its end. The others are set aside. No copy is used before all
 * that were found are recovered: one that cannot be opened may be the one that holds what was
 * acknowledged. Of one in a directory that could not even be listed nothing is known here, and an
 * older one is used then; the cluster learns which disks this process came with, and judges by
 * that. On the thread that has recovered the last of them.
 */
final class DuplicateLogs {
  private static final Logger LOG = LoggerFactory.getLogger(DuplicateLogs.class);

  /** A log in one of the directories that have it, done when it is recovered. */
  record Copy(LogDirectory directory, CompletableFuture<PartitionLog> opening) {
    PartitionLog log() {
      return opening.join();
    }

    private int lastEpoch() {
      return log().epochs().latestEpoch().orElse(-1);
    }

    private boolean isAhead(Copy other) {
      return lastEpoch() != other.lastEpoch()
          ? lastEpoch() > other.lastEpoch()
          : log().logEndOffset() > other.log().logEndOffset();
    }
  }

  private final Counter setAside;

  DuplicateLogs(MetricRegistry metrics) {
    this.setAside = metrics.counter("penstock.log.duplicates");
  }

  /** Has one of the copies used, in the order of the directories where they are the same. */
  CompletableFuture<PartitionLog> choose(LogId id, List<Copy> copies) {
    CompletableFuture<PartitionLog> chosen = new CompletableFuture<>();
    CompletableFuture<?>[] openings =
        copies.stream().map(Copy::opening).toArray(CompletableFuture<?>[]::new);
    CompletableFuture<?> _ =
        CompletableFuture.allOf(openings)
            .whenComplete((_, _) -> {
              try {
                decide(id, copies, chosen);
              } catch (RuntimeException | Error defect) {
                LOG.error("Cannot tell which copy of a log to use: partition={}", id, defect);
                refuse(id, copies, chosen, defect);
              }
            });
    return chosen;
  }

  private void decide(LogId id, List<Copy> copies, CompletableFuture<PartitionLog> chosen) {
    @Nullable Throwable failure = failureOf(copies);
    if (failure != null) {
      refuse(id, copies, chosen, because(id, copies, failure));
      return;
    }
    Copy best = copies.getFirst();
    for (Copy copy : copies) {
      best = copy.isAhead(best) ? copy : best;
    }
    try {
      best.directory().use(best.log()); // before the others are set aside: it may be too late
    } catch (StorageException gone) {
      refuse(id, copies, chosen, because(id, copies, gone));
      return;
    }
    for (Copy copy : copies) {
      if (!copy.equals(best)) {
        report(id, best, copy);
        setAside.inc();
        copy.directory().setAsideFound(copy.log());
      }
    }
    chosen.complete(best.log());
  }

  private static @Nullable Throwable failureOf(List<Copy> copies) {
    for (Copy copy : copies) {
      if (copy.opening().isCompletedExceptionally()) {
        return copy.opening().exceptionNow();
      }
    }
    return copies.stream()
        .flatMap(copy -> copy.directory().offlineCause().stream())
        .findFirst()
        .orElse(null);
  }

  private static Throwable because(LogId id, List<Copy> copies, Throwable failure) {
    if (copies.size() == 1) {
      return failure;
    }
    List<Path> paths = copies.stream().map(copy -> copy.directory().path()).toList();
    StorageException undecided =
        new StorageException(
            "Which copy of a log is the newest is not known, of those in " + paths,
            paths.getFirst().resolve(id.directoryName()),
            "mend the one that cannot be opened, or take it away",
            failure);
    LOG.error("No copy of a log is used: partition={} cause={}", id, undecided.getMessage());
    return undecided;
  }

  /** Those that could be opened are let go as they are: the next start recovers them again. */
  private static void refuse(
      LogId id, List<Copy> copies, CompletableFuture<PartitionLog> chosen, Throwable why) {
    for (Copy copy : copies) {
      if (!copy.opening().isCompletedExceptionally()) {
        letGo(copy.log());
      }
      copy.directory().refuse(id, why);
    }
    chosen.completeExceptionally(why);
  }

  private static void letGo(PartitionLog log) {
    try {
      log.abandon();
    } catch (StorageException failure) {
      LOG.warn("Cannot close a log: partition={} cause={}", log.id(), failure.getMessage());
    }
  }

  private static void report(LogId id, Copy used, Copy other) {
    LOG.warn(
        "A log is in two data directories: partition={} used={} epoch={} end={}"
            + " notUsed={} epoch={} end={}",
        id,
        used.directory().path(),
        used.lastEpoch(),
        used.log().logEndOffset(),
        other.directory().path(),
        other.lastEpoch(),
        other.log().logEndOffset());
  }
}
