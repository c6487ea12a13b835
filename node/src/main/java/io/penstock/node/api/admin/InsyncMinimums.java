package io.penstock.node.api.admin;

import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the {@code leadership} group how many replicas topics demand in sync: elections and acks go
 * by what that group knows, while the setting itself is kept in the {@code metadata} group. What is
 * told is always what is set at that moment, and is looked at again afterwards, so that changes at
 * the same time end up in step whatever their order. Any thread; keeps no state.
 */
public final class InsyncMinimums {

  private static final Logger LOG = LoggerFactory.getLogger(InsyncMinimums.class);

  /** A topic whose setting changes faster than it can be told is left to the next change of it. */
  private static final int ROUNDS_MAX = 10;

  private final ControlPlane control;
  private final Map<String, String> defaults;

  /** The defaults are those of topics that do not set it. */
  public InsyncMinimums(ControlPlane control, Map<String, String> defaults) {
    this.control = control;
    this.defaults = defaults;
  }

  /**
   * Brings all topics in step: where this node's default has changed since it last ran, and where a
   * node stopped between setting a topic's minimum and telling it. Done one after the other.
   */
  public CompletionStage<?> followAll() {
    List<UUID> behind = new ArrayList<>();
    ClusterImage image = control.image();
    for (TopicImage topic : image.leadership().topics()) {
      if (wanted(image, topic.id()) != topic.minInsyncReplicas()) {
        behind.add(topic.id());
      }
    }
    CompletionStage<?> done = CompletableFuture.completedFuture(behind);
    for (UUID id : behind) {
      done = done.thenCompose(_ -> follow(id, ROUNDS_MAX));
    }
    return done;
  }

  /** Brings these topics in step. */
  CompletionStage<?> follow(List<UUID> topicIds) {
    List<CompletableFuture<?>> told = new ArrayList<>(topicIds.size());
    for (UUID id : topicIds) {
      told.add(follow(id, ROUNDS_MAX).toCompletableFuture());
    }
    return CompletableFuture.allOf(told.toArray(CompletableFuture[]::new));
  }

  private CompletionStage<?> follow(UUID topicId, int rounds) {
    ClusterImage image = control.image();
    TopicImage topic = image.leadership().topic(topicId);
    if (topic == null || wanted(image, topicId) == topic.minInsyncReplicas()) {
      return CompletableFuture.completedFuture(topicId);
    }
    if (rounds == 0) {
      LOG.warn("The in-sync minimum changes too fast to be followed: topic={}", topic.name());
      return CompletableFuture.completedFuture(topicId);
    }
    return control
        .propose(new SetMinInsyncReplicas(topicId, wanted(image, topicId)))
        .thenCompose(_ -> follow(topicId, rounds - 1));
  }

  private int wanted(ClusterImage image, UUID topicId) {
    return new TopicSettings(image.metadata().topicConfigs(topicId), defaults).minInsyncReplicas();
  }
}
