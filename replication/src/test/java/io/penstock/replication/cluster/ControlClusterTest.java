package io.penstock.replication.cluster;

import static io.penstock.replication.cluster.ControlCluster.ask;
import static io.penstock.replication.cluster.ControlCluster.createTopic;
import static io.penstock.replication.cluster.ControlCluster.hasTopic;
import static io.penstock.replication.cluster.ControlCluster.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.value.ControlUnavailableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three voters and observers with real Ratis: what cannot be shown without it. */
@Timeout(180)
class ControlClusterTest {

  @TempDir Path root;

  private @Nullable ControlCluster open;

  @AfterEach
  void closeAll() {
    if (open != null) {
      open.close();
    }
  }

  private ControlCluster formed(long proposalTimeoutMs, int... voters) throws Exception {
    ControlCluster cluster = new ControlCluster(root, proposalTimeoutMs);
    open = cluster;
    return cluster.form(voters);
  }

  @Test
  void whatIsProposedOnAnyNodeIsSeenThereWhenTheCallReturns() throws Exception {
    ControlCluster cluster = formed(30_000, 1, 2, 3);
    cluster.observe(4);
    cluster.register(1, 1);
    for (int node : List.of(1, 2, 3, 4)) {
      ClusterControlPlane plane = cluster.plane(node);
      String name = "by-" + node;

      LeadershipResult result = ask(plane, createTopic(name));

      assertTrue(assertInstanceOf(TopicsResult.class, result).topics().getFirst().error().isNone());
      assertTrue(hasTopic(plane, name));
      ProducerIdBlock block =
          assertInstanceOf(ProducerIdBlock.class, ask(plane, new AllocateProducerIds(1, 10)));
      assertTrue(plane.image().metadata().nextProducerId() >= block.first() + 10);
    }
    for (int node : List.of(1, 2, 3, 4)) {
      until(() -> cluster.plane(node).image().equals(cluster.plane(1).image()));
    }
  }

  /** Ratis by itself tells followers of a commit with its next heartbeat. */
  @Test
  void followersShowWhatWasAgreedOnWithoutWaitingForAHeartbeat() throws Exception {
    ControlCluster cluster = new ControlCluster(root, 30_000, 40_000); // one in 20 seconds
    open = cluster;
    cluster.form(1, 2, 3);
    cluster.register(1, 1);
    int follower = cluster.leader(GroupName.LEADERSHIP, 1) == 1 ? 2 : 1;

    for (int i = 0; i < 20; i++) {
      ask(cluster.plane(follower), createTopic("t" + i)); // within its time-out
    }

    assertEquals(20, cluster.plane(follower).image().leadership().topicCount());
  }

  @Test
  void whatIsAnsweredWhileTheLeaderIsKilledIsTheTruthAfterwards() throws Exception {
    ControlCluster cluster = formed(30_000, 1, 2, 3);
    cluster.observe(4);
    cluster.register(1, 1);
    int leader = cluster.leader(GroupName.LEADERSHIP, 4);
    Map<String, CompletionStage<LeadershipResult>> asked = new LinkedHashMap<>();
    for (int i = 0; i < 200; i++) {
      asked.put("t" + i, cluster.plane(4).propose(createTopic("t" + i)));
      if (i == 100) {
        asked.values().iterator().next().toCompletableFuture().get(60, TimeUnit.SECONDS);
        cluster.kill(leader);
      }
    }
    List<String> created = new ArrayList<>();
    List<String> open = new ArrayList<>();
    for (Map.Entry<String, CompletionStage<LeadershipResult>> one : asked.entrySet()) {
      try {
        LeadershipResult result = one.getValue().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertTrue(
            assertInstanceOf(TopicsResult.class, result).topics().getFirst().error().isNone(),
            "asked again, it was not created twice: " + result);
        created.add(one.getKey());
      } catch (ExecutionException e) {
        assertInstanceOf(ControlUnavailableException.class, e.getCause());
        open.add(one.getKey());
      }
    }

    assertEquals(List.of(), open, "a new leader was elected in time");
    for (int node : List.of(1, 2, 3, 4)) {
      if (node != leader) {
        for (String name : created) {
          until(() -> hasTopic(cluster.plane(node), name));
        }
      }
    }
    cluster.restart(leader);
    until(() -> cluster.plane(leader).image().equals(cluster.plane(4).image()));
  }

  @Test
  void aMinorityRefusesCleanlyAndTheRestGoesOn() throws Exception {
    ControlCluster cluster = formed(3_000, 1, 2, 3);
    cluster.register(1, 1);
    int alone = cluster.leader(GroupName.LEADERSHIP, 1);
    int other = alone == 1 ? 2 : 1;
    cluster.network().isolate(alone);

    CompletionStage<LeadershipResult> refused =
        cluster.plane(alone).propose(createTopic("minority"));
    until(() ->
        cluster.leader(GroupName.LEADERSHIP, other) != alone
            && cluster.leader(GroupName.LEADERSHIP, other) >= 0);
    ask(cluster.plane(other), createTopic("majority"));

    ExecutionException failure =
        org.junit.jupiter.api.Assertions.assertThrows(
            ExecutionException.class,
            () -> refused.toCompletableFuture().get(60, TimeUnit.SECONDS));
    assertInstanceOf(ControlUnavailableException.class, failure.getCause());
    cluster.network().heal();
    until(() -> hasTopic(cluster.plane(alone), "majority"));
    until(() -> cluster.plane(alone).image().equals(cluster.plane(other).image()));
  }

  @Test
  void anObserverThatWasAwayForTenThousandCommandsCatchesUp() throws Exception {
    ControlCluster cluster = formed(30_000, 1, 2, 3);
    ClusterControlPlane observer = cluster.observe(4);
    ask(cluster.plane(1), new AllocateProducerIds(1, 1));
    until(() -> observer.image().metadata().nextProducerId() == 1);
    cluster.network().isolate(4);
    ClusterControlPlane leader = cluster.plane(cluster.leader(GroupName.METADATA, 1));
    for (int i = 0; i < 10; i++) {
      List<CompletionStage<?>> asked = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        asked.add(leader.propose(new AllocateProducerIds(1, 1)));
      }
      for (CompletionStage<?> one : asked) {
        one.toCompletableFuture().get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(1, observer.image().metadata().nextProducerId());

    cluster.network().heal();

    until(() -> observer.image().metadata().nextProducerId() == 10_001);
    until(() -> observer.image().equals(leader.image()));
  }

  @Test
  void anObserverOfVotersThatHaveOnlySnapshotsBeginsWithOne() throws Exception {
    ControlCluster cluster = formed(30_000, 1, 2, 3);
    cluster.register(1, 1);
    for (int i = 0; i < 20; i++) {
      ask(cluster.plane(1), createTopic("t" + i));
    }
    for (int voter = 1; voter <= 3; voter++) {
      cluster.kill(voter); // a clean stop leaves a snapshot
    }
    for (int voter = 1; voter <= 3; voter++) {
      cluster.restart(voter);
    }

    ClusterControlPlane observer = cluster.observe(4);

    until(() -> observer.image().leadership().topicCount() == 20);
    assertTrue(cluster.network().delivered(PeerApi.SNAPSHOT) > 0);
    ask(observer, createTopic("later"));
    assertTrue(hasTopic(observer, "later"));
  }

  @Test
  void anyNodeDescribesTheVotersAndTheObservers() throws Exception {
    ControlCluster cluster = formed(30_000, 1, 2, 3);
    cluster.observe(4);
    cluster.register(4, 1);
    cluster
        .plane(2)
        .setHeartbeats(group ->
            List.of(
                new GroupStatus.Member(6, new UUID(6, 6), null, 1, 2, -1),
                new GroupStatus.Member(1, new UUID(1, 1), null, 1, 2, -1)));
    for (GroupName group : GroupName.values()) {
      for (int asked : List.of(1, 2, 3, 4)) {
        until(() -> isCaughtUp(cluster.describe(asked, group)));
        GroupStatus status = cluster.describe(asked, group);

        assertEquals(group, status.group());
        assertEquals(cluster.leader(group, 1), status.leaderId());
        assertTrue(status.leaderEpoch() > 0);
        assertEquals(
            List.of(1, 2, 3), status.voters().stream().map(GroupStatus.Member::nodeId).toList());
        assertEquals(
            List.of(4, 6), status.observers().stream().map(GroupStatus.Member::nodeId).toList());
        assertEquals(new UUID(4, 4), status.observers().getFirst().directoryId());
        assertTrue(status.observers().getFirst().lastCaughtUpMs() > 0);
      }
    }
  }

  private static boolean isCaughtUp(GroupStatus status) {
    return status.voters().stream().allMatch(v -> v.lastIndex() == status.committedIndex())
        && status.observers().getFirst().lastIndex() == status.committedIndex();
  }
}
