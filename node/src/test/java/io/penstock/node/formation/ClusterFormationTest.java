package io.penstock.node.formation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.FakePeerNetwork;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.Introduction.Plan;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that find each other, each with a thread of its own. */
@Timeout(60)
class ClusterFormationTest {

  private static final ClusterFormation.Timing FAST =
      new ClusterFormation.Timing(5, 500, 300, 10_000);
  private static final List<NamedVoter> THREE = List.of(named(1), named(2), named(3));

  private final FakePeerNetwork network = new FakePeerNetwork(7);
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void end() {
    threads.forEach(Thread::interrupt);
    network.close();
  }

  static Stream<List<Integer>> orders() {
    return Stream.of(
        List.of(1, 2, 3),
        List.of(1, 3, 2),
        List.of(2, 1, 3),
        List.of(2, 3, 1),
        List.of(3, 1, 2),
        List.of(3, 2, 1));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void votersBeginTheSameClusterInWhateverOrderTheyAreStarted(List<Integer> order)
      throws Exception {
    List<Starting> started = new ArrayList<>();
    for (int id : order) {
      started.forEach(node -> assertFalse(node.formed.isDone(), "formed without node " + id));
      started.add(new Starting(id, THREE).form());
    }

    Formation first = started.getFirst().formed.get();
    Formation.Voter begun = assertInstanceOf(Formation.Voter.class, first);
    assertEquals(List.of(1, 2, 3), begun.voters().stream().map(Member::nodeId).toList());
    for (Starting node : started) {
      assertEquals(first, node.formed.get());
    }
  }

  @Test
  void aVoterThatIsLateFindsTheOthersWaiting() throws Exception {
    Starting one = new Starting(1, THREE).form();
    Starting two = new Starting(2, THREE).form();
    await().until(() -> network.delivered(PeerApi.HELLO) > 20);
    assertFalse(one.formed.isDone() || two.formed.isDone());

    Starting three = new Starting(3, THREE).form();

    assertEquals(three.formed.get(), one.formed.get());
    assertEquals(three.formed.get(), two.formed.get());
  }

  @Test
  void aVoterWipedBeforeTheOthersFormedIsTakenAsItIs() throws Exception {
    Starting one = new Starting(1, THREE).form();
    Starting two = new Starting(2, THREE).form();
    await().until(() -> network.delivered(PeerApi.HELLO) > 20);
    two.stop();
    Starting wiped = new Starting(2, THREE).form();
    new Starting(3, THREE).form();

    Formation.Voter begun = assertInstanceOf(Formation.Voter.class, wiped.formed.get());
    assertEquals(begun, one.formed.get());
    assertTrue(begun.voters().contains(wiped.self().member()));
  }

  @Test
  void aVoterWipedAfterTheOthersFormedJoinsWithoutAVote() throws Exception {
    Starting one = new Starting(1, THREE).form();
    Starting two = new Starting(2, THREE).form();
    Starting three = new Starting(3, THREE).form();
    Formation.Voter begun = assertInstanceOf(Formation.Voter.class, three.formed.get());
    one.formed.get();
    two.stop();

    Starting wiped = new Starting(2, THREE).form();

    Formation.Observer joined = assertInstanceOf(Formation.Observer.class, wiped.formed.get());
    assertEquals(begun.clusterId(), joined.clusterId());
    assertEquals(begun.voters(), joined.voters());
  }

  @Test
  void aVoterThatCrashedBeforeItBeganBeginsWithTheSameMembers() throws Exception {
    Starting one = new Starting(1, THREE).form();
    Starting two = new Starting(2, THREE).form();
    Starting three = new Starting(3, THREE).form();
    Formation begun = one.formed.get();
    three.formed.get();
    two.stop();

    Starting again = new Starting(2, THREE, "test", two.directoryId).form();

    assertEquals(begun, again.formed.get());
  }

  @Test
  void aVoterOfAnotherClusterNameGivesUpAndTheOthersWaitForTheRightOne() throws Exception {
    Starting one = new Starting(1, THREE).form();
    Starting two = new Starting(2, THREE).form();
    Starting stranger = new Starting(3, THREE, "other", UUID.randomUUID()).form();

    ExecutionException refused = assertThrows(ExecutionException.class, stranger.formed::get);
    assertInstanceOf(FormationException.class, refused.getCause());
    assertTrue(String.valueOf(refused.getMessage()).contains("`cluster.name`"), "" + refused);
    assertFalse(one.formed.isDone() || two.formed.isDone());

    stranger.stop();
    Starting corrected = new Starting(3, THREE).form();
    assertEquals(corrected.formed.get(), one.formed.get());
  }

  @Test
  void votersThatNameOtherVotersRefuseEachOther() {
    Starting one = new Starting(1, List.of(named(1), named(2))).form();
    Starting two = new Starting(2, THREE).form();

    ExecutionException refused = assertThrows(ExecutionException.class, one.formed::get);

    assertTrue(String.valueOf(refused.getMessage()).contains("the same list"), "" + refused);
    assertFalse(two.formed.isDone() && !two.formed.isCompletedExceptionally());
  }

  @Test
  void aNodeThatIsNoVoterWaitsForOneThatKnowsTheCluster() throws Exception {
    Starting joining = new Starting(9, List.of());
    List<Address> seeds = List.of(named(1).address(), named(2).address());
    joining.run(() -> joining.formation.join(seeds));
    List<NamedVoter> both = List.of(named(1), named(2));
    Starting one = new Starting(1, both).form();
    await().until(() -> network.delivered(PeerApi.HELLO) > 10);
    assertFalse(joining.formed.isDone());

    new Starting(2, both).form();

    Formation.Voter begun = assertInstanceOf(Formation.Voter.class, one.formed.get());
    Formation.Observer joined = assertInstanceOf(Formation.Observer.class, joining.formed.get());
    assertEquals(begun.clusterId(), joined.clusterId());
    assertNotEquals(null, joined.clusterId());
  }

  private static NamedVoter named(int id) {
    return new NamedVoter(id, new Address("node" + id, 9093));
  }

  private interface Step {
    Formation run() throws FormationException, InterruptedException;
  }

  /** A process from its start until it knows how it takes part, and what it tells afterwards. */
  private final class Starting {
    private final int id;
    private final List<NamedVoter> voters;
    private final String clusterName;
    private final UUID directoryId;
    private final UUID incarnation = UUID.randomUUID();
    private final FakePeerNetwork.Node node;
    private final ClusterFormation formation;
    private final CompletableFuture<Formation> formed = new CompletableFuture<>();
    private volatile @Nullable UUID agreed;
    private @Nullable Thread thread;

    Starting(int id, List<NamedVoter> voters) {
      this(id, voters, "test", UUID.randomUUID());
    }

    Starting(int id, List<NamedVoter> voters, String clusterName, UUID directoryId) {
      this.id = id;
      this.voters = voters;
      this.clusterName = clusterName;
      this.directoryId = directoryId;
      this.node = listening(id);
      this.formation = new ClusterFormation(node, this::self, cluster -> agreed = cluster, FAST);
      node.handle(
          PeerApi.HELLO,
          (_, _) -> CompletableFuture.completedFuture(IntroductionCodec.encode(self())));
    }

    Introduction self() {
      Formation known =
          formed.isDone() && !formed.isCompletedExceptionally() ? formed.join() : null;
      return new Introduction(
          clusterName,
          switch (known) {
            case Formation.Voter voter -> voter.clusterId();
            case Formation.Observer observer -> observer.clusterId();
            case null -> null;
          },
          id,
          directoryId,
          incarnation,
          named(id).address(),
          switch (known) {
            case Formation.Voter voter -> voter.voters();
            case Formation.Observer observer -> observer.voters();
            case null -> List.of();
          },
          new Plan(voters, agreed));
    }

    Starting form() {
      return run(formation::form);
    }

    Starting run(Step step) {
      Thread started =
          Thread.ofPlatform()
              .name("starting-" + id)
              .start(() -> {
                try {
                  formed.complete(step.run());
                } catch (FormationException | InterruptedException e) {
                  formed.completeExceptionally(e);
                }
              });
      thread = started;
      threads.add(started);
      return this;
    }

    void stop() throws InterruptedException {
      network.refuse(id);
      Thread running = thread;
      if (running != null) {
        running.interrupt();
        running.join();
      }
    }
  }

  private FakePeerNetwork.Node listening(int id) {
    try {
      FakePeerNetwork.Node known = network.node(id);
      network.accept(id);
      return known;
    } catch (IllegalArgumentException unknown) {
      return network.add(id);
    }
  }
}
