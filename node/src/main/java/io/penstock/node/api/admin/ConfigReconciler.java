package io.penstock.node.api.admin;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings in step, now and then, what the two groups hold of topics: a node that stopped or lost its
 * answer between two steps leaves configurations of topics that were never created or are deleted,
 * and in-sync minimums that elections were not told of. Done by the node that leads the {@code
 * metadata} group, on a thread of its own.
 *
 * <p>A configuration is forgotten only if no topic had its id at two sweeps in a row, far longer
 * apart than a creation can take, and still has none in an image that is as new as the group's.
 */
public final class ConfigReconciler implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigReconciler.class);
  private static final long PERIOD_MINUTES = 10;
  private static final int UUID_BYTES = 16;

  private final ControlPlane control;
  private final InsyncMinimums minimums;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("penstock-reconcile").daemon().unstarted(task));

  /** The topic ids whose configurations were without a topic at the last sweep; its thread's. */
  private Set<UUID> suspects = Set.of();

  /** Does nothing yet; the defaults are those of topics that set nothing themselves. */
  public ConfigReconciler(ControlPlane control, Map<String, String> defaults) {
    this.control = control;
    this.minimums = new InsyncMinimums(control, defaults);
  }

  /** Sweeps from now on, each time so long after the last. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::sweepGuarded, PERIOD_MINUTES, PERIOD_MINUTES, TimeUnit.MINUTES);
  }

  private void sweepGuarded() {
    try {
      sweep().toCompletableFuture().get(PERIOD_MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("Configurations could not be reconciled, will be tried again", e);
    }
  }

  /**
   * Completes when everything that was found is put right; fails where the groups do not answer.
   */
  CompletionStage<?> sweep() {
    if (control.leaderId(GroupName.METADATA) != control.nodeId()) {
      suspects = Set.of();
      return CompletableFuture.completedFuture(suspects);
    }
    Set<UUID> found = withoutTopic(control.image());
    List<UUID> orphans = found.stream().filter(suspects::contains).toList();
    suspects = found;
    return forget(orphans).thenCompose(_ -> minimums.followAll());
  }

  private CompletionStage<?> forget(List<UUID> orphans) {
    if (orphans.isEmpty()) {
      return CompletableFuture.completedFuture(orphans);
    }
    // The image may be older than the topic. When a command has come through, it is not.
    return control
        .propose(new DeleteTopics(List.of()))
        .thenCompose(_ -> {
          Set<UUID> still = withoutTopic(control.image());
          return forgetChunks(
              Chunks.of(orphans.stream().filter(still::contains).toList(), _ -> UUID_BYTES), 0);
        });
  }

  private CompletionStage<?> forgetChunks(List<List<UUID>> chunks, int index) {
    if (index == chunks.size()) {
      return CompletableFuture.completedFuture(chunks);
    }
    LOG.info("Forgetting configurations without a topic: topicIds={}", chunks.get(index));
    return control
        .propose(new DeleteTopicConfigs(chunks.get(index)))
        .thenCompose(_ -> forgetChunks(chunks, index + 1));
  }

  private static Set<UUID> withoutTopic(ClusterImage image) {
    Set<UUID> found = new HashSet<>();
    for (Map.Entry<ConfigTarget, ?> entry : image.metadata().allConfigs()) {
      if (entry.getKey() instanceof ConfigTarget.Topic(UUID id)
          && image.leadership().topic(id) == null) {
        found.add(id);
      }
    }
    return found;
  }

  /** Ends the thread; what it is waiting for is not waited for. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
