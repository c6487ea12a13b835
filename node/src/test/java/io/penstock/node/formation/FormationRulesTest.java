package io.penstock.node.formation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.Introduction.Plan;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Voters that form a cluster while they are restarted and wiped, in every interleaving that a seed
 * comes up with: each question and each answer is a step of its own.
 */
class FormationRulesTest {

  private static final int SCHEDULES = 5_000;
  private static final int FAULTY_STEPS = 80;
  private static final int QUIET_STEPS_MAX = 2_000;

  @Test
  void whateverIsRestartedOrWipedThereAreNeverTwoClusters() {
    for (long seed = 0; seed < SCHEDULES; seed++) {
      Random random = new Random(seed);
      List<SimVoter> voters = voters(2 + random.nextInt(4), random);
      for (int step = 0; step < FAULTY_STEPS; step++) {
        SimVoter voter = voters.get(random.nextInt(voters.size()));
        int dice = random.nextInt(100);
        if (dice < 2) {
          voter.wipe();
        } else if (dice < 6) {
          voter.restart();
        } else {
          voter.step(voters);
        }
        assertOneCluster(voters, seed);
      }
      settle(voters, random, seed);
      assertOneCluster(voters, seed);
    }
  }

  /** Where nobody fails any more, everybody comes to take part. */
  private static void settle(List<SimVoter> voters, Random random, long seed) {
    for (int step = 0; step < QUIET_STEPS_MAX; step++) {
      voters.get(random.nextInt(voters.size())).step(voters);
    }
    for (SimVoter voter : voters) {
      assertTrue(voter.taken != null, "node " + voter.id + " waits for ever, seed=" + seed);
    }
  }

  private static void assertOneCluster(List<SimVoter> voters, long seed) {
    Set<@Nullable UUID> clusters = new HashSet<>();
    for (SimVoter voter : voters) {
      if (voter.taken instanceof Formation.Voter begun) {
        clusters.add(begun.clusterId());
        assertTrue(
            FormationRules.isAmong(voter.introduction(), begun.voters()),
            "node " + voter.id + " begins what it is not in, seed=" + seed);
      }
    }
    assertTrue(clusters.size() <= 1, clusters.size() + " clusters, seed=" + seed);
  }

  @Test
  void aListThatDiffersIsObjectedToWithBothLists() {
    List<SimVoter> voters = voters(2, new Random(1));
    Introduction one = voters.get(0).introduction();
    Introduction two = voters.get(1).introduction();
    Introduction other =
        new Introduction(
            "c",
            null,
            2,
            two.directoryId(),
            two.incarnation(),
            two.address(),
            List.of(),
            new Plan(List.of(named(2), named(3)), null));

    Decision decision = FormationRules.decide(one, Map.of(named(2), new Reply.Here(other)));

    assertEquals(
        new Decision.Objected(
            List.of(
                "`cluster.voters` of node 1 is [1@h:9001, 2@h:9002], of node 2 [2@h:9002,"
                    + " 3@h:9003]: write the same list in both")),
        decision);
  }

  @Test
  void aNodeAtTheAddressOfAnotherIsObjectedTo() {
    List<SimVoter> voters = voters(3, new Random(1));

    Decision decision =
        FormationRules.decide(
            voters.get(0).introduction(),
            Map.of(named(2), new Reply.Here(voters.get(2).introduction())));

    assertEquals(
        new Decision.Objected(
            List.of(
                "at h:9002 node 2 was expected, but node 3 answers: correct `cluster.voters` or"
                    + " `node.id`")),
        decision);
  }

  @Test
  void oneWhoObjectsDoesNotEndTheWaitForTheOthers() {
    List<SimVoter> voters = voters(3, new Random(1));
    Map<NamedVoter, Reply> replies = new LinkedHashMap<>();
    replies.put(named(2), new Reply.Objects("no"));
    replies.put(named(3), new Reply.Here(voters.get(2).introduction()));

    Decision decision = FormationRules.decide(voters.get(0).introduction(), replies);

    assertEquals(new Decision.Wait(Map.of("2@h:9002", "no")), decision);
  }

  @Test
  void aLoneVoterAsksNobody() {
    Introduction alone = voters(1, new Random(1)).getFirst().introduction();

    assertEquals(
        new Decision.Take(new Formation.Voter(null, List.of(alone.member()))),
        FormationRules.decide(alone, Map.of()));
  }

  private static List<SimVoter> voters(int count, Random random) {
    List<NamedVoter> named = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      named.add(named(id));
    }
    return named.stream().map(voter -> new SimVoter(voter.nodeId(), named, random)).toList();
  }

  private static NamedVoter named(int id) {
    return new NamedVoter(id, new Address("h", 9000 + id));
  }

  /** A voter whose rounds are taken apart into single questions. */
  private static final class SimVoter {
    private final int id;
    private final List<NamedVoter> named;
    private final Random random;
    private UUID directoryId;
    private @Nullable UUID agreed;
    private @Nullable Formation taken;
    private @Nullable Introduction asked;
    private final List<NamedVoter> unasked = new ArrayList<>();
    private final Map<NamedVoter, Reply> replies = new LinkedHashMap<>();

    SimVoter(int id, List<NamedVoter> named, Random random) {
      this.id = id;
      this.named = named;
      this.random = random;
      this.directoryId = uuid();
    }

    private UUID uuid() {
      return new UUID(random.nextLong(), random.nextLong());
    }

    Introduction introduction() {
      return new Introduction(
          "c",
          switch (taken) {
            case Formation.Voter voter -> voter.clusterId();
            case Formation.Observer observer -> observer.clusterId();
            case null -> null;
          },
          id,
          directoryId,
          directoryId,
          new Address("h", 9000 + id),
          switch (taken) {
            case Formation.Voter voter -> voter.voters();
            case Formation.Observer observer -> observer.voters();
            case null -> List.of();
          },
          new Plan(named, agreed));
    }

    /** What it has begun is on its disk; what it has only agreed to is not. */
    void restart() {
      agreed = null;
      asked = null;
      replies.clear();
    }

    void wipe() {
      restart();
      taken = null;
      directoryId = uuid();
    }

    void step(List<SimVoter> all) {
      if (taken != null) {
        return;
      }
      if (asked == null) {
        asked = introduction();
        unasked.clear();
        unasked.addAll(named.stream().filter(voter -> voter.nodeId() != id).toList());
        return;
      }
      if (!unasked.isEmpty()) {
        NamedVoter next = unasked.remove(random.nextInt(unasked.size()));
        SimVoter other = all.get(next.nodeId() - 1);
        replies.put(
            next,
            random.nextInt(10) == 0
                ? new Reply.Absent("lost")
                : new Reply.Here(other.introduction()));
        return;
      }
      Decision decision = FormationRules.decide(asked, Map.copyOf(replies));
      asked = null;
      replies.clear();
      switch (decision) {
        case Decision.Take(Formation formation) -> taken = formation;
        case Decision.Propose(UUID clusterId) -> agreed = clusterId;
        case Decision.Wait _ -> {}
        case Decision.Objected(List<String> reasons) -> throw new AssertionError(reasons);
      }
    }
  }
}
