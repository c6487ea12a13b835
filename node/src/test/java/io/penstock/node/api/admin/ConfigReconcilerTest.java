package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What becomes of settings that a node left behind halfway. */
class ConfigReconcilerTest {

  private final Cluster cluster = Cluster.ofOne();
  private final ConfigReconciler reconciler = new ConfigReconciler(cluster.control, Map.of());

  @Test
  void forgetsSettingsThatHadNoTopicAtTwoSweeps() {
    UUID orphan = new UUID(1, 2);
    set(orphan, "retention.ms", "1");
    set(cluster.topic("a", 1).id(), "retention.ms", "2");

    sweep();
    assertEquals(2, settings());

    sweep();
    assertEquals(1, settings());
    assertTrue(cluster.control.image().metadata().topicConfigs(orphan).isEmpty());
  }

  @Test
  void keepsSettingsWhoseTopicComesBetweenTwoSweeps() {
    UUID id = new UUID(1, 2);
    set(id, "retention.ms", "1");
    sweep();
    cluster.control.apply(new CreateTopics(List.of(NewTopic.placed("late", id, 1, 1))));

    sweep();

    assertEquals(1, settings());
  }

  @Test
  void keepsSettingsWhoseTopicTurnsUpWhenTheImageIsMadeNew() {
    UUID id = new UUID(1, 2);
    set(id, "retention.ms", "1");
    InterleavedControlPlane behind =
        new InterleavedControlPlane(cluster.control)
            .then(() ->
                cluster.control.apply(new CreateTopics(List.of(NewTopic.placed("a", id, 1, 1)))));
    ConfigReconciler late = new ConfigReconciler(behind, Map.of());
    late.sweep().toCompletableFuture().join();

    late.sweep().toCompletableFuture().join();

    assertEquals(1, settings());
  }

  @Test
  void leavesItToTheLeaderOfTheGroup() {
    set(new UUID(1, 2), "retention.ms", "1");
    sweep();
    cluster.control.setLeader(GroupName.METADATA, 2);
    sweep();
    cluster.control.setLeader(GroupName.METADATA, 1);

    sweep();

    assertEquals(1, settings());
  }

  @Test
  void triesAgainWhatGotLost() {
    set(new UUID(1, 2), "retention.ms", "1");
    sweep();
    cluster.control.next(Fate.ANSWERED, Fate.LOST);
    assertTrue(reconciler.sweep().toCompletableFuture().isCompletedExceptionally());

    sweep();

    assertEquals(0, settings());
  }

  @Test
  void tellsElectionsOfMinimumsThatWereSetButNotTold() {
    set(cluster.topic("a", 1).id(), "min.insync.replicas", "2");

    sweep();

    assertEquals(2, cluster.known("a").minInsyncReplicas());
  }

  private void sweep() {
    reconciler.sweep().toCompletableFuture().join();
  }

  private int settings() {
    return cluster.control.image().metadata().allConfigs().size();
  }

  private void set(UUID topicId, String name, String value) {
    ConfigTarget target = new ConfigTarget.Topic(topicId);
    cluster.control.apply(
        new SetConfigs(List.of(ConfigChange.merge(target, Map.of(name, value), Set.of()))));
  }
}
