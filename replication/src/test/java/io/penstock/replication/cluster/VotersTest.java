package io.penstock.replication.cluster;

import static io.penstock.replication.cluster.ControlCluster.ask;
import static io.penstock.replication.cluster.ControlCluster.createTopic;
import static io.penstock.replication.cluster.ControlCluster.hasTopic;
import static io.penstock.replication.cluster.ControlCluster.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.cluster.VoterChange.Add;
import io.penstock.replication.cluster.VoterChange.Outcome;
import io.penstock.replication.cluster.VoterChange.Remove;
import io.penstock.replication.peer.Introduction.Member;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes of voters with real Ratis. */
@Timeout(240)
class VotersTest {

  @TempDir Path root;

  private @Nullable ControlCluster open;

  @AfterEach
  void closeAll() {
    if (open != null) {
      open.close();
    }
  }

  private ControlCluster formed(int... voters) throws Exception {
    ControlCluster cluster = new ControlCluster(root, 30_000);
    open = cluster;
    return cluster.form(voters);
  }

  private static List<Integer> voters(ControlCluster cluster, int asked, GroupName group)
      throws Exception {
    return cluster.describe(asked, group).voters().stream()
        .map(GroupStatus.Member::nodeId)
        .toList();
  }

  private static int follower(ControlCluster cluster) {
    return cluster.leader(GroupName.LEADERSHIP, 1) == 1 ? 2 : 1;
  }

  @Test
  void anObserverIsGivenAVoteAndLosesItAgainWhileItRuns() throws Exception {
    ControlCluster cluster = formed(1, 2, 3);
    ClusterControlPlane fourth = cluster.observe(4);
    ClusterControlPlane fifth = cluster.observe(5);
    cluster.register(4, 1);
    until(() -> fourth.image().leadership().broker(1) != null);

    assertEquals(Outcome.DONE, cluster.change(follower(cluster), new Add(4, null)));
    assertEquals(Outcome.DONE, cluster.change(5, new Add(5, new UUID(5, 5))));

    for (GroupName group : GroupName.values()) {
      assertEquals(List.of(1, 2, 3, 4, 5), voters(cluster, 4, group));
    }
    until(() -> fourth.isVoter() && fifth.isVoter());
    ask(fourth, createTopic("five"));
    assertEquals(Outcome.DONE, cluster.change(4, new Remove(4, null)));
    until(() -> !fourth.isVoter());
    ask(cluster.plane(1), createTopic("later"));
    until(() -> hasTopic(fourth, "later"));
    ask(fourth, createTopic("without-vote"));
    assertTrue(hasTopic(fourth, "without-vote"));

    assertEquals(Outcome.DONE, cluster.change(4, new Add(4, null)));
    until(fourth::isVoter);
    ask(fourth, createTopic("again"));
    until(() -> hasTopic(cluster.plane(2), "again"));
  }

  @Test
  void aVoterThatWasAddedComesBackAsOneAfterARestart() throws Exception {
    ControlCluster cluster = formed(1);
    cluster.observe(2);
    assertEquals(Outcome.DONE, cluster.change(2, new Add(2, null)));
    cluster.kill(2);

    ClusterControlPlane again = cluster.observe(2); // its configuration names it no voter

    until(again::isVoter);
    cluster.register(2, 1);
    assertEquals(List.of(1, 2), voters(cluster, 1, GroupName.METADATA));
  }

  @Test
  void aWipedVoterIsReplacedByItsNewSelf() throws Exception {
    ControlCluster cluster = formed(1, 2, 3);
    cluster.register(1, 1);
    cluster.kill(3);
    cluster.wipe(3);
    ClusterControlPlane wiped = cluster.observe(3);
    until(() -> wiped.image().leadership().broker(1) != null);

    assertEquals(Outcome.DONE, cluster.change(3, new Add(3, null)));

    until(wiped::isVoter);
    for (GroupName group : GroupName.values()) {
      GroupStatus status = cluster.describe(1, group);
      assertEquals(3, status.voters().size());
      assertFalse(status.voters().stream().anyMatch(v -> v.directoryId().equals(new UUID(3, 3))));
    }
    cluster.kill(2);
    ask(cluster.plane(1), createTopic("two-of-three"));
    until(() -> hasTopic(wiped, "two-of-three"));
  }

  @Test
  void leadersThatAreTakenOutHandOverFirst() throws Exception {
    ControlCluster cluster = formed(1, 2, 3);
    int leader = cluster.leader(GroupName.LEADERSHIP, 1);
    int other = leader == 1 ? 2 : 1;

    assertEquals(Outcome.DONE, cluster.change(leader, new Remove(leader, null)));

    for (GroupName group : GroupName.values()) {
      assertFalse(voters(cluster, other, group).contains(leader));
    }
    cluster.register(leader, 1);
    until(() -> cluster.plane(leader).image().equals(cluster.plane(other).image()));
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    ControlCluster cluster = formed(1, 2, 3);
    cluster.observe(4);

    assertEquals(VoterChange.Error.DUPLICATE_VOTER, cluster.change(1, new Add(2, null)).error());
    assertEquals(VoterChange.Error.VOTER_NOT_FOUND, cluster.change(1, new Remove(4, null)).error());
    assertEquals(
        VoterChange.Error.VOTER_NOT_FOUND,
        cluster.change(1, new Remove(3, new UUID(9, 9))).error());
    assertEquals(VoterChange.Error.NOT_REACHABLE, cluster.change(1, new Add(9, null)).error());
    until(() -> cluster.describe(1, GroupName.LEADERSHIP).observers().size() == 1);
    assertEquals(
        VoterChange.Error.NOT_REACHABLE, cluster.change(1, new Add(4, new UUID(9, 9))).error());
    cluster.kill(3);
    int living = cluster.leader(GroupName.LEADERSHIP, 1) == 1 ? 1 : 2;
    Outcome refused = cluster.change(living, new Remove(living == 1 ? 2 : 1, null));
    assertEquals(VoterChange.Error.NO_LIVE_MAJORITY, refused.error());
    assertTrue(
        refused.message().startsWith("of 2 voters only 1 would be alive, and 2 are needed"),
        refused.message());
    assertEquals(List.of(1, 2, 3), voters(cluster, 1, GroupName.LEADERSHIP));
  }

  @Test
  void askingAgainFinishesAChangeThatWasMadeInOneGroupOnly() throws Exception {
    ControlCluster cluster = formed(1, 2, 3);
    int leader = cluster.leader(GroupName.LEADERSHIP, 1);
    List<Member> before = cluster.plane(leader).voters();
    int gone = leader == 3 ? 2 : 3;
    var half = Objects.requireNonNull(cluster.plane(leader).group(GroupName.LEADERSHIP).member());
    half.setVoters(before, before.stream().filter(v -> v.nodeId() != gone).toList())
        .toCompletableFuture()
        .get();

    assertEquals(Outcome.DONE, cluster.change(1, new Remove(gone, null)));

    for (GroupName group : GroupName.values()) {
      assertFalse(voters(cluster, 1, group).contains(gone));
    }
    until(() -> !cluster.plane(gone).isVoter());
    cluster.register(gone, 1);
  }
}
