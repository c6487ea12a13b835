package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.value.NodeIds;
import org.junit.jupiter.api.Test;

/** How far a leader may say that its replicas have committed. */
final class LeaderStateTest {

  private static final int SELF = 1;

  private static LeaderTerm term(NodeIds replicas, NodeIds inSync) {
    return new LeaderTerm(5, 7, replicas, inSync);
  }

  private static LeaderState alone(long logEnd, long highWatermark) {
    return new LeaderState(SELF, term(NodeIds.of(1), NodeIds.of(1)), logEnd, highWatermark);
  }

  private static LeaderState ofThree(NodeIds inSync) {
    return new LeaderState(SELF, term(NodeIds.of(1, 2, 3), inSync), 100, 40);
  }

  @Test
  void leaderAloneInSyncCommitsWhatItAppends() {
    LeaderState state = alone(10, 4);

    assertEquals(10, state.advance(1));
    state.ownEndMoved(12);

    assertEquals(12, state.advance(1));
  }

  @Test
  void watermarkWaitsForTheSlowestReplicaInSync() {
    LeaderState state = ofThree(NodeIds.of(1, 2, 3));

    assertEquals(40, state.advance(1), "nothing is known of the followers yet");
    state.followerFetched(2, 90);
    assertEquals(40, state.advance(1));
    state.followerFetched(3, 70);

    assertEquals(70, state.advance(1));
  }

  @Test
  void replicaOutOfSyncDoesNotHoldTheWatermark() {
    LeaderState state = ofThree(NodeIds.of(1, 2));
    state.followerFetched(2, 90);
    state.followerFetched(3, 10);

    assertEquals(90, state.advance(1));
  }

  @Test
  void watermarkStaysWhileTooFewAreInSync() {
    LeaderState state = ofThree(NodeIds.of(1));

    assertEquals(40, state.advance(2));
    assertFalse(state.hasEnoughInSync(2));

    assertEquals(100, state.advance(1));
  }

  @Test
  void topicCannotDemandMoreThanItHasReplicas() {
    LeaderState state = alone(10, 10);

    assertTrue(state.hasEnoughInSync(2));
  }

  @Test
  void watermarkNeverGoesBack() {
    LeaderState state = ofThree(NodeIds.of(1, 2));
    state.followerFetched(2, 90);
    assertEquals(90, state.advance(1));

    state.followerFetched(2, 60);

    assertEquals(90, state.advance(1));
  }

  @Test
  void progressIsKeptWhenTheReplicasInSyncChange() {
    LeaderState state = ofThree(NodeIds.of(1, 2, 3));
    state.followerFetched(2, 80);

    state.termChanged(new LeaderTerm(5, 8, NodeIds.of(2, 1, 4), NodeIds.of(1, 2)));

    assertEquals(80, state.advance(1));
    assertFalse(state.followerFetched(3, 100), "is no replica any more");
    assertTrue(state.followerFetched(4, 1));
  }

  @Test
  void leaderIsNotItsOwnFollower() {
    LeaderState state = alone(10, 10);

    assertFalse(state.followerFetched(SELF, 50));
    assertFalse(state.followerFetched(9, 50));

    assertEquals(10, state.advance(1));
  }

  @Test
  void watermarkIsNeverBehindTheLogEnd() {
    assertEquals(10, alone(10, 50).highWatermark());
  }
}
