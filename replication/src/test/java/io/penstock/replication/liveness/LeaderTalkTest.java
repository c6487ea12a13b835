package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.liveness.LeaderFinder.Place;
import io.penstock.replication.liveness.LeaderTalk.Reaction;
import io.penstock.replication.liveness.LeaderTalk.Request;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is asked when, by a broker that looks for the leader among three voters, in virtual time. */
class LeaderTalkTest {

  private static final long TIMEOUT_MS = 1_000;
  private static final long WAIT_MS_MAX = 500;
  private static final long INTERVAL_MS = 400;
  private static final int NOBODY = -1;

  private final VirtualTime time = new VirtualTime();
  private final SimProcess loop = new SimProcess(time);
  private final Map<Integer, Voter> voters = new HashMap<>();
  private final List<Asked> asked = new ArrayList<>();
  private final LeaderTalk talk =
      new LeaderTalk(
          new LeaderLink(
              new PeerCaller(9, new UUID(0, 9)),
              new Finder(),
              (to, _, _, timeoutMs) -> ask(to, timeoutMs),
              Map.of()),
          loop,
          new Talk(),
          WAIT_MS_MAX);
  private int named = NOBODY;
  private boolean hasWords = true;

  /** How one behaves. */
  private enum Voter {
    LEADS,
    FOLLOWS,
    IS_MUTE
  }

  private record Asked(int node, long atMs) {}

  @Test
  void allVotersAreAskedOneRightAfterTheOther() {
    theyAre(Voter.FOLLOWS, Voter.FOLLOWS, Voter.LEADS);

    talk.now();

    assertTrue(time.runUntil(this::hasFoundTheLeader, 10) >= 0, asked::toString);
    assertEquals(List.of(1, 2, 3), nodesAsked());
  }

  @Test
  void whoHasAskedAllInVainWaitsLongerEachTime() {
    theyAre(Voter.FOLLOWS, Voter.FOLLOWS, Voter.FOLLOWS);

    talk.now();
    time.run(10_000);

    List<Long> waits = new ArrayList<>();
    for (int i = 3; i < asked.size(); i += 3) {
      waits.add(asked.get(i).atMs - asked.get(i - 1).atMs);
    }
    assertEquals(List.of(10L, 20L, 40L, 80L, 160L, 320L, 500L, 500L), waits.subList(0, 8));
    assertTrue(asked.size() < 100, () -> asked.size() + " requests");
  }

  @Test
  void whoDoesNotAnswerIsNotAskedAgainBeforeTheOthers() {
    theyAre(Voter.FOLLOWS, Voter.IS_MUTE, Voter.IS_MUTE);
    talk.now();
    time.run(60_000);
    assertTrue(time.runUntil(() -> asked.getLast().node == 3, 10_000) >= 0);

    // What is under way to the leader is lost, as behind a cut.
    theyAre(Voter.FOLLOWS, Voter.IS_MUTE, Voter.LEADS);
    asked.clear();

    long longestMs = TIMEOUT_MS + TIMEOUT_MS + WAIT_MS_MAX;
    assertTrue(time.runUntil(this::hasFoundTheLeader, longestMs) >= 0, asked::toString);
  }

  @Test
  void whoAnsweredNothingOnceIsAskedAboutTheNextThing() {
    theyAre(Voter.IS_MUTE, Voter.FOLLOWS, Voter.IS_MUTE);
    named = 1;
    talk.now();
    assertTrue(time.runUntil(() -> asked.getLast().node == 2, 10_000) >= 0);
    hasWords = false;
    time.run(10_000);
    theyAre(Voter.LEADS, Voter.FOLLOWS, Voter.IS_MUTE);
    asked.clear();

    hasWords = true;
    talk.now();

    assertEquals(List.of(1), nodesAsked());
  }

  @Test
  void theOneWhoLeadsIsAskedAtIntervals() {
    theyAre(Voter.FOLLOWS, Voter.LEADS, Voter.FOLLOWS);

    talk.now();
    time.run(3 * INTERVAL_MS + INTERVAL_MS / 2);

    assertEquals(List.of(1, 2, 2, 2, 2), nodesAsked());
  }

  private void theyAre(Voter one, Voter two, Voter three) {
    voters.putAll(Map.of(1, one, 2, two, 3, three));
  }

  private boolean hasFoundTheLeader() {
    return !asked.isEmpty() && voters.get(asked.getLast().node) == Voter.LEADS;
  }

  private List<Integer> nodesAsked() {
    return asked.stream().map(Asked::node).toList();
  }

  private CompletionStage<byte[]> ask(Address to, long timeoutMs) {
    int node = to.port();
    asked.add(new Asked(node, time.nowMs()));
    if (voters.get(node) != Voter.IS_MUTE) {
      return CompletableFuture.completedFuture(new byte[] {(byte) node});
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    time.after(
        timeoutMs,
        () ->
            answer.completeExceptionally(
                new PeerException(PeerException.Kind.TIMEOUT, "no answer")));
    return answer;
  }

  private static Place place(int node) {
    return new Place(node, new Address("voter", node));
  }

  /** Knows the three, and who was named as the one who leads. */
  private final class Finder implements LeaderFinder {

    @Override
    public @Nullable Place leader() {
      return named == NOBODY ? null : place(named);
    }

    @Override
    public List<Place> voters() {
      return List.of(place(1), place(2), place(3));
    }
  }

  /** Says something as long as there is something to say. */
  private final class Talk implements LeaderTalk.Topic {

    @Override
    public @Nullable Request next() {
      return hasWords ? new Request(PeerApi.HEARTBEAT, new byte[0], TIMEOUT_MS) : null;
    }

    @Override
    public Reaction answered(PeerApi api, byte[] answer, long sentMs) {
      return voters.get((int) answer[0]) == Voter.LEADS
          ? new Reaction.NextIn(INTERVAL_MS)
          : new Reaction.NotLeader(NOBODY);
    }

    @Override
    public void unheard(String why) {}
  }
}
