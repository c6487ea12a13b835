package io.penstock.node.group;

import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.TopicImage;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away what nobody needs any more: the offsets of a topic when it is deleted, and from time
 * to time those that were left then, those whose client named their end, and groups that have
 * neither members nor offsets. Offsets of topics that exist do not expire by themselves, unless an
 * operator wants that. On a thread of its own, which only hands events to the shards, in steps of
 * bounded size.
 */
public final class OffsetExpiry implements ImageListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetExpiry.class);

  /** How long offsets of a topic that is gone are kept where it is not known which topic it was. */
  private static final long RETENTION_MS = TimeUnit.DAYS.toMillis(7);

  private static final long SWEEP_MINUTES = 10;

  private final GroupShards shards;
  private final Supplier<ClusterImage> image;
  private final Duration retention;
  private final ScheduledExecutorService thread;

  /** Topics that were deleted and are not taken up yet, by their ids. */
  private final Map<UUID, String> deleted = new ConcurrentHashMap<>();

  /**
   * Looks at nothing yet.
   *
   * @param retention how long offsets of topics that exist are kept when nobody consumes by them;
   *     longer than anybody lives for ever
   */
  public OffsetExpiry(GroupShards shards, Supplier<ClusterImage> image, Duration retention) {
    this.shards = shards;
    this.image = image;
    this.retention = retention;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("penstock-groups-expiry").daemon().factory());
  }

  /** Begins to look from time to time. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(this::sweep, SWEEP_MINUTES, SWEEP_MINUTES, TimeUnit.MINUTES);
  }

  /** Has everything looked at once. */
  void sweep() {
    sweep(this::isOver);
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    boolean[] any = {false};
    after
        .leadership()
        .forEachChangedTopic(
            before.leadership(),
            (id, earlier, now) -> {
              if (earlier != null && now == null) {
                deleted.put(id, earlier.name());
                any[0] = true;
              }
            });
    if (any[0]) {
      try {
        thread.execute(this::takeDeleted);
      } catch (RejectedExecutionException closed) {
        LOG.debug("Expiry is closed, the next coordinator takes the offsets away");
      }
    }
  }

  private void takeDeleted() {
    Map<UUID, String> topics = Map.copyOf(deleted);
    if (topics.isEmpty()) {
      return;
    }
    topics.keySet().forEach(deleted::remove);
    Set<String> names = new HashSet<>(topics.values());
    sweep((_, topic, committed, _) -> {
      UUID id = committed.topicId();
      return id == null
          ? names.contains(topic) && image.get().leadership().topic(topic) == null
          : topics.containsKey(id);
    });
  }

  private boolean isOver(
      ExpiryWalk.Readers readers, String topic, CommittedOffset committed, long nowMs) {
    long expiresAtMs = committed.expiresAtMs();
    if (expiresAtMs != CommittedOffset.NO_EXPIRY) {
      // Who reads a topic that is quiet commits nothing, and needs what it has committed.
      return nowMs >= expiresAtMs && !readers.read(topic);
    }
    LeadershipImage topics = image.get().leadership();
    TopicImage now = topics.topic(topic);
    if (now != null && committed.isOf(now.id())) {
      return isUnused(readers, topic, committed, nowMs);
    }
    UUID id = committed.topicId();
    return id != null ? topics.topic(id) == null : nowMs - committed.committedAtMs() > RETENTION_MS;
  }

  /** Whether nobody has consumed by this offset for too long, by Kafka's rules. */
  private boolean isUnused(
      ExpiryWalk.Readers readers, String topic, CommittedOffset committed, long nowMs) {
    long sinceMs = Math.max(committed.committedAtMs(), readers.goneSinceMs());
    return Duration.ofMillis(nowMs - sinceMs).compareTo(retention) >= 0 && !readers.read(topic);
  }

  /** Goes through all shards, each step by step. */
  private void sweep(ExpiryWalk.Rule rule) {
    shards.all().forEach(shard -> step(shard, new ExpiryWalk(rule)));
  }

  private void step(GroupShard shard, ExpiryWalk walk) {
    try {
      var _ =
          GroupShards.<Boolean>submit(shard, walk::step)
              .whenComplete((more, failure) -> {
                if (failure == null && more) {
                  again(shard, walk);
                }
              });
    } catch (RuntimeException bug) {
      LOG.error("Offsets could not be gone through", bug);
    }
  }

  private void again(GroupShard shard, ExpiryWalk walk) {
    try {
      thread.execute(() -> step(shard, walk));
    } catch (RejectedExecutionException closed) {
      LOG.debug("Expiry is closed");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
