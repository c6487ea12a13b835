package io.penstock.storage.dir;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.CleanerSettings;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that clean the compacted logs of a node, the dirtiest first, and those before it
 * whose records have waited for {@code max.compaction.lag.ms}. A log whose cleaning failed is left
 * alone for a while, and counted; no other log suffers from it, unless its disk has failed.
 */
final class LogCleaners implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogCleaners.class);

  /** When a log is tried again whose cleaning failed. */
  static final long RETRY_MS = 600_000;

  private static final long CLOSE_WAIT_MS = 30_000;

  private final CleanerSettings settings;
  private final BatchCodec codec;
  private final Throttle throttle;
  private final LongSupplier clock;
  private final Supplier<Stream<LogDirectory>> directories;
  private final List<Thread> threads = new ArrayList<>();
  private final Timer cleaningTime;
  private final Counter bytesRead;
  private final Counter bytesKept;
  private final Counter recordsRemoved;
  private final Counter keyless;
  private final Counter unreadable;

  /** Guarded by the monitor. */
  private final Set<LogId> cleaning = new HashSet<>();

  /** When the cleaning of a log failed. */
  private final Map<LogId, Long> uncleanable = new ConcurrentHashMap<>();

  /**
   * When there were no room or descriptors to look at a log, until there are. Not the same: the
   * looks at thousands of logs fail in such a moment, and are repeated soon; it must not keep all
   * of them from being cleaned.
   */
  private final Map<LogId, Long> unseen = new ConcurrentHashMap<>();

  private volatile double dirtyRatioMax;
  private volatile long behindMs;

  LogCleaners(
      CleanerSettings settings,
      BatchCodec codec,
      MetricRegistry metrics,
      LongSupplier clock,
      Supplier<Stream<LogDirectory>> directories) {
    this.settings = settings;
    this.clock = clock;
    this.directories = directories;
    this.throttle = new Throttle(settings.bytesPerSecondMax(), System::nanoTime);
    this.codec = codec;
    this.cleaningTime = metrics.timer("penstock.cleaner.time");
    this.bytesRead = metrics.counter("penstock.cleaner.bytes.read");
    this.bytesKept = metrics.counter("penstock.cleaner.bytes.kept");
    this.recordsRemoved = metrics.counter("penstock.cleaner.records.removed");
    this.unreadable = metrics.counter("penstock.cleaner.batches.unreadable");
    this.keyless = metrics.counter("penstock.cleaner.records.keyless");
    gauge(metrics, "penstock.cleaner.uncleanable", () -> (double) notCleaned().size());
    gauge(metrics, "penstock.cleaner.dirty-ratio.max", () -> dirtyRatioMax);
    gauge(metrics, "penstock.cleaner.behind.seconds", () -> behindMs / 1000.0);
  }

  private static void gauge(MetricRegistry metrics, String name, Gauge<Double> value) {
    metrics.gauge(name, () -> value);
  }

  /** The logs that are not cleaned because something has failed. */
  private Set<LogId> notCleaned() {
    Set<LogId> all = new HashSet<>(uncleanable.keySet());
    all.addAll(unseen.keySet());
    return all;
  }

  void start() {
    for (int i = 0; i < settings.threads(); i++) {
      threads.add(Thread.ofPlatform().name("penstock-log-cleaner-" + i).daemon().start(this::work));
    }
  }

  private void work() {
    CleanerTools tools =
        new CleanerTools(
            codec,
            throttle,
            settings.mapBytesMax() / settings.threads(),
            settings.unpackedBytesMax());
    while (!throttle.isStopped()) {
      try {
        if (!cleanOne(tools) && throttle.pause(settings.checkMs())) {
          return;
        }
      } catch (RuntimeException | Error defect) {
        LOG.error("Looking for logs to clean failed; it is tried again", defect);
        if (throttle.pause(settings.checkMs())) {
          return;
        }
      }
    }
  }

  // Choice -----------------------------------------------------------------------------------

  /** Cleans the log that needs it most; false when none does. */
  private boolean cleanOne(CleanerTools tools) {
    Optional<PartitionLog> chosen = choose(clock.getAsLong());
    if (chosen.isEmpty()) {
      return false;
    }
    PartitionLog log = chosen.get();
    try {
      return clean(log, tools);
    } finally {
      synchronized (this) {
        cleaning.remove(log.id());
      }
    }
  }

  private synchronized Optional<PartitionLog> choose(long nowMs) {
    PartitionLog chosen = null;
    double highest = -1;
    double ratioMax = 0;
    long waitingMax = 0;
    forgetOld(uncleanable, nowMs);
    forgetOld(unseen, nowMs);
    List<DiskFullException> refused = new ArrayList<>();
    Set<LogId> lookedAt = new HashSet<>(cleaning);
    for (PartitionLog log : directories.get().flatMap(each -> each.logs().stream()).toList()) {
      Optional<CompactionSettings> ofLog = log.compactionSettings();
      if (ofLog.isEmpty() || cleaning.contains(log.id())) {
        continue;
      }
      lookedAt.add(log.id());
      CompactionNeed need = need(log, nowMs, refused);
      ratioMax = Math.max(ratioMax, need.dirtyRatio());
      if (!need.isDue(ofLog.get())) {
        continue;
      }
      waitingMax = Math.max(waitingMax, need.waitingMs());
      double urgency = need.dirtyRatio() + (need.overdue() ? 1 : 0);
      if (urgency > highest && !uncleanable.containsKey(log.id())) {
        highest = urgency;
        chosen = log;
      }
    }
    unseen.keySet().retainAll(lookedAt); // the rest is deleted, or not compacted any longer
    if (!refused.isEmpty()) {
      LOG.warn(
          "Logs that may have to be cleaned cannot be looked at, it is tried again in {} s:"
              + " logs={} why={}",
          TimeUnit.MILLISECONDS.toSeconds(settings.checkMs()),
          refused.size(),
          refused.getFirst().getMessage());
    }
    dirtyRatioMax = ratioMax;
    behindMs = waitingMax;
    if (chosen != null) {
      cleaning.add(chosen.id());
    }
    return Optional.ofNullable(chosen);
  }

  private static void forgetOld(Map<LogId, Long> failures, long nowMs) {
    failures.values().removeIf(failedMs -> nowMs - failedMs > RETRY_MS || nowMs < failedMs);
  }

  /**
   * No mere look: it also ends the active segment of a log that is idle.
   *
   * @param refused where failures are added that are not the log's own: they are told together
   */
  private CompactionNeed need(PartitionLog log, long nowMs, List<DiskFullException> refused) {
    try {
      CompactionNeed need = log.compactionNeed(nowMs);
      unseen.remove(log.id());
      return need;
    } catch (StorageException | RuntimeException | Error failure) {
      if (!(failure instanceof DiskFullException full)) {
        if (!uncleanable.containsKey(log.id())) {
          failed(log, failure);
        }
        tellDisk(log, failure);
      } else if (unseen.putIfAbsent(log.id(), nowMs) == null) {
        refused.add(full);
      }
      return CompactionNeed.NONE;
    }
  }

  // Cleaning ---------------------------------------------------------------------------------

  private boolean clean(PartitionLog log, CleanerTools tools) {
    CleaningTotals totals = new CleaningTotals();
    try (Timer.Context _ = cleaningTime.time()) {
      return log.compact(tools, totals);
    } catch (CleaningAbortedException aborted) {
      LOG.info("A cleaning ended early: partition={} why={}", log.id(), aborted.getMessage());
      return false;
    } catch (StorageException | RuntimeException | Error failure) {
      // An index that the disk does not give says so by an InternalError.
      failed(log, failure);
      tellDisk(log, failure);
      return true;
    } finally {
      count(log, totals);
    }
  }

  /** A disk that fails for one log fails for all that are on it, unless it is merely full. */
  private void tellDisk(PartitionLog log, Throwable failure) {
    if (failure instanceof StorageException ofDisk
        && !(failure instanceof DiskFullException)
        && !(failure instanceof CorruptFileException)) {
      directories
          .get()
          .filter(each -> each.log(log.id()).isPresent())
          .forEach(each -> each.diskFailed(ofDisk));
    }
  }

  private void failed(PartitionLog log, Throwable failure) {
    uncleanable.put(log.id(), clock.getAsLong());
    LOG.error(
        "A log cannot be cleaned and grows, it is tried again in {} s: partition={}",
        TimeUnit.MILLISECONDS.toSeconds(RETRY_MS),
        log.id(),
        failure);
  }

  private void count(PartitionLog log, CleaningTotals totals) {
    bytesRead.inc(totals.bytesRead);
    bytesKept.inc(totals.bytesKept);
    recordsRemoved.inc(totals.recordsRead - totals.recordsKept);
    keyless.inc(totals.keyless);
    unreadable.inc(totals.unreadable);
    if (totals.unreadable > 0) {
      LOG.warn(
          "Batches that cannot be read, or unpack to too much, were kept whole, and no deletion"
              + " behind them goes; cleaner.unpacked-batch says what one may unpack to:"
              + " partition={} batches={} bytesMax={}",
          log.id(),
          totals.unreadable,
          settings.unpackedBytesMax());
    }
    if (totals.keyless > 0) {
      LOG.warn(
          "Records without a key were removed from a compacted log: partition={} records={}",
          log.id(),
          totals.keyless);
    }
  }

  /** Ends what is under way, which is begun again after the next start. */
  @Override
  public void close() {
    throttle.stop();
    try {
      for (Thread thread : threads) {
        thread.join(CLOSE_WAIT_MS);
        if (thread.isAlive()) {
          LOG.warn("A cleaning has not ended in {} ms", CLOSE_WAIT_MS);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
