package io.penstock.node.group.lag;

import io.penstock.node.group.GroupPosition;
import io.penstock.node.group.GroupPositions;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out from time to time how far the groups are behind that this node coordinates, and shows
 * what was found last. On a thread of its own, which waits for shards and for other nodes; what
 * cannot be found out in time is unknown until the next time.
 */
public final class LagWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LagWatch.class);

  /** Partitions of groups that are looked at; some tens of megabytes. */
  private static final int POSITIONS_MAX = 200_000;

  private static final long ANSWER_MS = 10_000;
  private static final long CLOSE_SECONDS = 10;

  private final Environment environment;
  private final LagMetrics metrics;
  private final ScheduledExecutorService thread;
  private volatile LagTable table = LagTable.EMPTY;

  /**
   * What it stands on.
   *
   * @param positions what groups have committed
   * @param here answers for what this node leads
   * @param clock the time of day, which timestamps of records are compared with
   */
  public record Environment(
      int selfId,
      GroupPositions positions,
      ProgressHandler here,
      Supplier<ClusterImage> image,
      PeerNetwork network,
      LongSupplier clock) {}

  public LagWatch(Environment environment, LagMetrics metrics) {
    this.environment = environment;
    this.metrics = metrics;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("penstock-lag").daemon().factory()) {
          @Override
          protected void terminated() {
            metrics.clear(); // behind the last look, which would show it again
          }
        };
  }

  /** Begins to look, so often. */
  public void start(long everyMs) {
    var _ = thread.scheduleWithFixedDelay(this::lookAgain, everyMs, everyMs, TimeUnit.MILLISECONDS);
  }

  /** What was found last. */
  public LagTable table() {
    return table;
  }

  private void lookAgain() {
    try {
      look();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | OutOfMemoryError defect) {
      LOG.error("Lags of groups cannot be found out", defect);
    }
  }

  /** Looks at all groups once. */
  void look() throws InterruptedException {
    GroupPositions.Found found = environment.positions().read(POSITIONS_MAX);
    LeadershipImage image = environment.image().get().leadership();
    Map<Integer, List<Asked>> byLeader = new HashMap<>();
    List<PartitionLag> lags = new ArrayList<>();
    for (GroupPosition position : found.positions()) {
      TopicImage topic = image.topic(position.topic());
      PartitionImage partition = topic == null ? null : topic.partition(position.partition());
      if (topic == null || partition == null || !position.isOf(topic.id())) {
        continue; // committed for what is no more
      }
      byLeader
          .computeIfAbsent(partition.leader(), _ -> new ArrayList<>())
          .add(asked(position, topic));
    }
    for (Map.Entry<Integer, List<Asked>> ofLeader : byLeader.entrySet()) {
      ask(ofLeader.getKey(), image, ofLeader.getValue(), lags);
    }
    table = new LagTable(lags, found.leftOut());
    metrics.show(table);
  }

  /** What is asked of one partition for one group, and what was found there before. */
  private record Asked(
      GroupPosition position, Progress.Question question, @Nullable PartitionLag before) {

    /** The time of a record does not change, so it is asked for once. */
    PartitionLag answered(Progress progress, long nowMs) {
      long firstUnread = progress.firstUnread(position.offset());
      if (before != null
          && progress.isKnown()
          && !question.withTime()
          && before.knowsTimeOf(firstUnread)) {
        long timeMs = before.progress().firstUnreadMs();
        return new PartitionLag(
            position, new Progress(progress.start(), progress.end(), timeMs), nowMs);
      }
      return new PartitionLag(position, progress, nowMs);
    }
  }

  private Asked asked(GroupPosition position, TopicImage topic) {
    PartitionLag before = table.find(position.groupId(), position.topic(), position.partition());
    boolean isKnown =
        before != null
            && before.position().offset() == position.offset()
            && before.position().isOf(topic.id())
            && before.knowsTimeOf(before.progress().firstUnread(position.offset()));
    return new Asked(
        position,
        new Progress.Question(topic.id(), position.partition(), position.offset(), !isKnown),
        before);
  }

  private void ask(int leader, LeadershipImage image, List<Asked> asked, List<PartitionLag> lags)
      throws InterruptedException {
    boolean answers = true;
    for (int from = 0; from < asked.size(); from += ProgressHandler.QUESTIONS_MAX) {
      List<Asked> some =
          asked.subList(from, Math.min(asked.size(), from + ProgressHandler.QUESTIONS_MAX));
      List<Progress> found = answers ? ask(leader, image, some) : List.of();
      answers = found.size() == some.size();
      long nowMs = environment.clock().getAsLong();
      for (int i = 0; i < some.size(); i++) {
        lags.add(some.get(i).answered(answers ? found.get(i) : Progress.UNKNOWN, nowMs));
      }
    }
  }

  /** The answers, or none where the leader cannot be asked: it is left alone for this time. */
  private List<Progress> ask(int leader, LeadershipImage image, List<Asked> asked)
      throws InterruptedException {
    List<Progress.Question> questions = asked.stream().map(Asked::question).toList();
    BrokerImage broker = image.broker(leader);
    if (broker == null) {
      return List.of();
    }
    try {
      CompletableFuture<List<Progress>> answers =
          leader == environment.selfId()
              ? environment.here().answer(questions)
              : environment
                  .network()
                  .ask(
                      broker.peer(),
                      PeerApi.PROGRESS,
                      ProgressCodec.encodeQuestions(questions),
                      ANSWER_MS)
                  .thenApply(ProgressCodec::decodeAnswers)
                  .toCompletableFuture();
      return answers.get(ANSWER_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException silent) {
      LOG.debug("A leader does not say how far its partitions are: node={}", leader, silent);
      return List.of();
    }
  }

  /** Ends the look that is under way, then shows nothing any more. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Lags of groups are still looked at after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
