package io.penstock.node.api.group;

import io.penstock.node.api.admin.TopicCreation;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.replication.cluster.ClusterImage;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the topic of the groups into being when it is first needed, in Kafka's shape. However many
 * ask, this node proposes it once at a time. Any thread.
 */
public final class OffsetsTopicCreation {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetsTopicCreation.class);

  private static final int PARTITIONS = 50;
  private static final int REPLICAS = 3;
  private static final int SEGMENT_BYTES = 100 << 20;

  /** How long those who are to come are waited for, from the first time that anybody asks. */
  private static final long FORMING_MS = TimeUnit.MINUTES.toMillis(1);

  private static final long NOT_ASKED = Long.MIN_VALUE;

  private final TopicCreation creation;
  private final Supplier<ClusterImage> image;
  private final int voters;
  private final LongSupplier clock;
  private final AtomicLong askedAtMs = new AtomicLong(NOT_ASKED);
  private final AtomicReference<@Nullable CompletableFuture<Errors>> underWay =
      new AtomicReference<>();

  /**
   * Asks for nothing yet.
   *
   * @param voters how many nodes begin the cluster, as this one is configured
   * @param clock in milliseconds; never goes back
   */
  public OffsetsTopicCreation(
      TopicCreation creation, Supplier<ClusterImage> image, int voters, LongSupplier clock) {
    this.creation = creation;
    this.image = image;
    this.voters = voters;
    this.clock = clock;
  }

  /**
   * Completes when the topic is there and what this node leads of it is served, or with why not:
   * while the cluster is forming, it is to be asked for again.
   */
  public CompletionStage<Errors> ensure() {
    if (isForming()) {
      return CompletableFuture.completedFuture(Errors.COORDINATOR_NOT_AVAILABLE);
    }
    CompletableFuture<Errors> mine = new CompletableFuture<>();
    while (true) {
      CompletableFuture<Errors> known = underWay.get();
      if (known != null) {
        return known;
      }
      if (underWay.compareAndSet(null, mine)) {
        create(mine);
        return mine;
      }
    }
  }

  /**
   * Whether brokers are to come still: the topic would have one replica for good where the first
   * node of three is asked before the others are up. Voters need not be brokers, and one may be
   * broken from the beginning, so that they are waited for, and then done without.
   */
  private boolean isForming() {
    int registered = image.get().leadership().brokers().size();
    int wanted = Math.min(REPLICAS, voters);
    if (registered >= wanted) {
      return false;
    }
    long nowMs = clock.getAsLong();
    if (askedAtMs.compareAndSet(NOT_ASKED, nowMs)) {
      LOG.info("The topic of the groups waits for brokers: {} of {}", registered, wanted);
    }
    if (nowMs - askedAtMs.get() < FORMING_MS) {
      return true;
    }
    LOG.warn("The topic of the groups is made for {} brokers instead of {}", registered, wanted);
    return false;
  }

  private void create(CompletableFuture<Errors> done) {
    // As many replicas as there are brokers, also those that are away just now: groups that begin
    // while a node restarts are to outlive the next failure.
    int brokers = image.get().leadership().brokers().size();
    int replicas = Math.clamp(brokers, 1, REPLICAS);
    var _ =
        creation
            .createInternal(OffsetsTopic.NAME, PARTITIONS, replicas, configs(replicas))
            .whenComplete((error, failure) -> {
              underWay.set(null);
              if (failure != null) {
                LOG.warn("The topic of the groups could not be created: {}", failure.toString());
                done.complete(Errors.COORDINATOR_NOT_AVAILABLE);
                return;
              }
              LOG.info(
                  "Topic of the groups: partitions={} replicas={} outcome={}",
                  PARTITIONS,
                  replicas,
                  error);
              done.complete(error);
            });
  }

  private static SortedMap<String, String> configs(int replicas) {
    SortedMap<String, String> configs = new TreeMap<>();
    configs.put("cleanup.policy", "compact");
    configs.put("segment.bytes", Integer.toString(SEGMENT_BYTES));
    configs.put("max.message.bytes", Integer.toString(GroupLimits.BATCH_BYTES_MAX));
    // A committed offset is on two nodes before anybody hears of it, where there are enough.
    configs.put("min.insync.replicas", replicas >= REPLICAS ? "2" : "1");
    return configs;
  }
}
