package io.penstock.replication.follower;

import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerStep;
import io.penstock.replication.partition.LeaderNews;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a leader's answer asks for, partition by partition: writes on the thread that received
 * it, and hands to another one what would wait for the disk. What goes wrong with one partition is
 * no other's concern. Stateless but for how often it complains.
 */
final class Intake {

  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final int COMPLAINT_FAILURES_MIN = 7;

  private final LeaderLane lane;
  private final Executor blocking;
  private final FollowerMetrics metrics;

  Intake(LeaderLane lane, Executor blocking, FollowerMetrics metrics) {
    this.lane = lane;
    this.blocking = blocking;
    this.metrics = metrics;
  }

  /** Returns how many bytes came. */
  long take(List<FetchedPartition> all, Wakeups wakeups) {
    long bytes = 0;
    for (FetchedPartition got : all) {
      bytes += got.records().remaining();
      FollowedPartition partition = lane.claim(got.key());
      if (partition != null) {
        take(partition, partition.position, got, wakeups);
      }
    }
    return bytes;
  }

  private void take(
      FollowedPartition partition, FollowerPosition at, FetchedPartition got, Wakeups wakeups) {
    switch (got.problem()) {
      case NONE -> {
        EpochEnd diverging = got.diverging();
        if (diverging == null) {
          append(partition, at, got, wakeups);
          return;
        }
        metrics.truncations().inc();
        LOG.info("Log parts from the leader's: at={} leader={}", at, diverging);
        work(partition, at, w -> partition.side.truncate(at, diverging, got.logStartOffset(), w));
      }
      case OFFSET_OUT_OF_RANGE -> outOfRange(partition, at, got);
      case NOT_LEADER,
          FENCED_LEADER_EPOCH,
          UNKNOWN_LEADER_EPOCH,
          UNKNOWN_PARTITION,
          STORAGE_FAILED,
          OTHER -> {
        metrics.refusals().inc();
        complain(partition, got.problem().name());
        lane.postpone(partition);
      }
    }
  }

  private void append(
      FollowedPartition partition, FollowerPosition at, FetchedPartition got, Wakeups wakeups) {
    LeaderNews news = new LeaderNews(got.highWatermark(), got.logStartOffset());
    FollowerStep step =
        contained(partition, w -> partition.side.append(at, got.records(), news, w), wakeups);
    switch (step) {
      case FollowerStep.At(FollowerPosition now, _) ->
          partition.lag = Math.max(0, got.highWatermark() - now.logEndOffset());
      case FollowerStep.Misaligned _ -> {
        ByteBuffer copy = copy(got.records());
        work(partition, at, w -> partition.side.realign(at, copy, news, w));
        return;
      }
      case FollowerStep.Rejected(String message) -> {
        metrics.rejected().inc();
        complain(partition, message);
      }
      case FollowerStep.NoRoom(String message) -> complain(partition, message);
      case FollowerStep.Ended _ -> {}
    }
    lane.settle(partition, step, got.records().hasRemaining());
  }

  private void outOfRange(FollowedPartition partition, FollowerPosition at, FetchedPartition got) {
    long start = got.logStartOffset();
    if (start > at.logEndOffset()) {
      metrics.restarts().inc();
      LOG.info("Leader's log begins behind this one: at={} start={}", at, start);
      work(partition, at, w -> partition.side.restartAt(at, start, w));
    } else if (start >= 0 && got.highWatermark() >= start) {
      metrics.truncations().inc();
      LOG.info("Leader's log ends before this one: at={} committed={}", at, got.highWatermark());
      work(partition, at, w -> partition.side.truncateTo(at, got.highWatermark(), start, w));
    } else {
      metrics.refusals().inc();
      complain(partition, "the leader does not say where its log begins");
      lane.postpone(partition);
    }
  }

  private void work(
      FollowedPartition partition, FollowerPosition at, Function<Wakeups, FollowerStep> step) {
    if (!lane.beginWork(partition)) {
      return;
    }
    try {
      blocking.execute(() -> {
        Wakeups wakeups = new Wakeups();
        FollowerStep after = contained(partition, step, wakeups);
        if (after instanceof FollowerStep.At(FollowerPosition now, _) && now.equals(at)) {
          complain(partition, "what the leader says of its log leads nowhere");
          lane.postpone(partition);
        } else {
          lane.settle(partition, after, true);
        }
        lane.pump();
        wakeups.run();
      });
    } catch (RejectedExecutionException stopping) {
      LOG.debug("Node stops, a log is left as it is: key={}", partition.key, stopping);
    }
  }

  /** A defect ends the following of the partition that it shows in. */
  private static FollowerStep contained(
      FollowedPartition partition, Function<Wakeups, FollowerStep> step, Wakeups wakeups) {
    try {
      return step.apply(wakeups);
    } catch (RuntimeException bug) {
      LOG.error("A partition is stopped by a defect: key={}", partition.key, bug);
      return new FollowerStep.Ended();
    }
  }

  /**
   * When it has lasted for seconds, and then ever less often: a leader may be a little behind this
   * node in what it knows, or be at opening the logs of a new topic.
   */
  private static void complain(FollowedPartition partition, String cause) {
    int failures = partition.failures;
    if (Integer.bitCount(failures + 1) == 1 && failures >= COMPLAINT_FAILURES_MIN) {
      LOG.warn(
          "Cannot be followed: key={} at={} attempts={} cause={}",
          partition.key,
          partition.position,
          failures + 1,
          cause);
    } else {
      LOG.debug("Cannot be followed: key={} cause={}", partition.key, cause);
    }
  }

  private static ByteBuffer copy(ByteBuffer records) {
    return ByteBuffer.allocateDirect(records.remaining()).put(records.duplicate()).flip();
  }
}
