package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.partition.LeaderState.News;
import io.penstock.replication.value.NodeIds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How far a leader may say that its replicas have committed, and who it holds to be in sync. */
final class LeaderStateTest {

  private static final int SELF = 1;
  private static final int EPOCH = 5;
  private static final long LAG_MS = TestJudge.LAG_MS;

  private final TestJudge judge = new TestJudge().serve(2, 22).serve(3, 33);
  private long logEnd = 100;

  private static LeaderTerm term(int partitionEpoch, NodeIds replicas, NodeIds inSync) {
    return new LeaderTerm(EPOCH, partitionEpoch, replicas, inSync);
  }

  private static LeaderState alone(long logEnd, long highWatermark) {
    return new LeaderState(SELF, term(7, NodeIds.of(1), NodeIds.of(1)), logEnd, highWatermark);
  }

  private static LeaderState ofThree(int... inSync) {
    return new LeaderState(SELF, term(7, NodeIds.of(1, 2, 3), NodeIds.of(inSync)), 100, 40);
  }

  /** The image shows another ISR. */
  private static void commit(LeaderState state, int... inSync) {
    state.termChanged(
        term(state.term().partitionEpoch() + 1, NodeIds.of(1, 2, 3), NodeIds.of(inSync)));
  }

  private News fetch(LeaderState state, int follower, long offset) {
    return fetch(state, follower, 11L * follower, offset);
  }

  private News fetch(LeaderState state, int follower, long brokerEpoch, long offset) {
    return state.followerFetched(
        new FollowerProgress(follower, brokerEpoch, EPOCH, offset, judge.nowMs), logEnd);
  }

  private @Nullable NodeIds wanted(LeaderState state) {
    IsrProposal proposal = state.propose(logEnd, judge);
    return proposal == null ? null : proposal.wanted();
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
    LeaderState state = ofThree(1, 2, 3);

    assertEquals(40, state.advance(1), "nothing is known of the followers yet");
    fetch(state, 2, 90);
    assertEquals(40, state.advance(1));
    fetch(state, 3, 70);

    assertEquals(70, state.advance(1));
  }

  @Test
  void replicaOutOfSyncDoesNotHoldTheWatermark() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 90);
    fetch(state, 3, 10);

    assertEquals(90, state.advance(1));
  }

  @Test
  void watermarkStaysWhileTooFewAreInSync() {
    LeaderState state = ofThree(1);

    assertEquals(40, state.advance(2));
    assertFalse(state.hasEnoughInSync(2));

    assertEquals(100, state.advance(1));
  }

  @Test
  void topicCannotDemandMoreThanItHasReplicas() {
    assertTrue(alone(10, 10).hasEnoughInSync(2));
  }

  @Test
  void watermarkNeverGoesBack() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 90);
    assertEquals(90, state.advance(1));

    fetch(state, 2, 60);

    assertEquals(90, state.advance(1));
  }

  @Test
  void progressIsKeptWhenTheReplicasInSyncChange() {
    LeaderState state = ofThree(1, 2, 3);
    fetch(state, 2, 80);

    state.termChanged(term(8, NodeIds.of(2, 1, 4), NodeIds.of(1, 2)));

    assertEquals(80, state.advance(1));
    assertEquals(News.NOBODY, fetch(state, 3, 100), "is no replica any more");
    assertEquals(News.NOTHING, fetch(state, 4, 1));
  }

  @Test
  void leaderIsNotItsOwnFollower() {
    LeaderState state = alone(10, 10);

    assertEquals(News.NOBODY, fetch(state, SELF, 50));
    assertEquals(News.NOBODY, fetch(state, 9, 50));

    assertEquals(10, state.advance(1));
  }

  @Test
  void watermarkIsNeverBehindTheLogEnd() {
    assertEquals(10, alone(10, 50).highWatermark());
  }

  @Test
  void processThatIsGoneDoesNotCount() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 23, 60);

    assertEquals(News.NOBODY, fetch(state, 2, 22, 100), "its successor has asked already");

    assertEquals(60, state.advance(1));
  }

  @Test
  void followerJoinsWhenItHasWhatWasCommittedAndWhatTheEpochBeganWith() {
    LeaderState state = ofThree(1, 2);
    logEnd = 150;
    fetch(state, 2, 120);
    state.ownEndMoved(150);
    assertEquals(120, state.advance(1));

    assertEquals(News.NOTHING, fetch(state, 3, 119));
    assertNull(wanted(state));
    assertEquals(News.CAUGHT_UP, fetch(state, 3, 120));
    assertEquals(News.NOTHING, fetch(state, 3, 121), "was said already");

    assertEquals(NodeIds.of(1, 2, 3), wanted(state));
  }

  @Test
  void followerBeforeTheStartOfTheEpochDoesNotJoin() {
    LeaderState state = ofThree(1);

    assertEquals(News.NOTHING, fetch(state, 2, 99), "behind the start, past the watermark");
    assertNull(wanted(state));

    assertEquals(News.CAUGHT_UP, fetch(state, 2, 100));
  }

  @Test
  void followerThatFellBackIsNewsWhenItIsThereAgain() {
    LeaderState state = ofThree(1);
    assertEquals(News.CAUGHT_UP, fetch(state, 2, 100));
    assertEquals(News.NOTHING, fetch(state, 2, 90));

    assertEquals(News.CAUGHT_UP, fetch(state, 2, 100));
  }

  @Test
  void whoDoesNotServeUnderTheRegistrationItCopiesUnderDoesNotJoin() {
    LeaderState state = ofThree(1);
    fetch(state, 2, 100);
    judge.stopServing(2);
    assertNull(wanted(state), "fenced or about to stop");

    judge.serve(2, 21);
    assertNull(wanted(state), "the image is behind: it knows another registration");
    judge.serve(2, 22);

    assertEquals(NodeIds.of(1, 2), wanted(state));
  }

  @Test
  void whoDoesNotSayItsRegistrationDoesNotJoin() {
    LeaderState state = ofThree(1);
    judge.serve(2, FollowerProgress.UNKNOWN_BROKER);

    assertEquals(News.NOTHING, fetch(state, 2, FollowerProgress.UNKNOWN_BROKER, 100));
  }

  @Test
  void whoWasNotHeardOfForLongJoinsOnlyIfItHasEverything() {
    LeaderState state = ofThree(1);
    fetch(state, 2, 100);
    judge.nowMs = LAG_MS + 1;
    logEnd = 101;
    assertNull(wanted(state), "it has all that was committed, but may be gone");
    logEnd = 100;

    assertEquals(NodeIds.of(1, 2), wanted(state), "nobody asks about an idle partition");
  }

  @Test
  void appendAfterALongTimeLeavesTheLagTimeToFollowers() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 100);
    assertNull(wanted(state));
    judge.nowMs = 10 * LAG_MS;
    logEnd = 110;

    assertNull(wanted(state), "it is behind since now");
    judge.nowMs += LAG_MS;
    assertNull(wanted(state));
    judge.nowMs++;

    assertEquals(NodeIds.of(1), wanted(state));
  }

  @Test
  void watermarkWaitsForWhoWasAskedIn() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 100);
    fetch(state, 3, 100);
    assertEquals(100, state.advance(1));
    logEnd = 120;
    state.ownEndMoved(120);

    assertEquals(NodeIds.of(1, 2, 3), wanted(state));
    fetch(state, 2, 120);

    assertEquals(100, state.advance(1), "3 may be a member already");
    fetch(state, 3, 110);
    assertEquals(110, state.advance(1));
  }

  @Test
  void watermarkWaitsForWhoWasAskedOutUntilTheImageShowsIt() {
    LeaderState state = ofThree(1, 2, 3);
    fetch(state, 2, 100);
    fetch(state, 3, 50);
    assertEquals(50, state.advance(1));
    judge.lose(3);

    assertEquals(NodeIds.of(1, 2), wanted(state));
    assertEquals(50, state.advance(1), "3 is a member still");
    commit(state, 1, 2);

    assertEquals(100, state.advance(1));
  }

  @Test
  void whatWasAskedForBeforeCountsUntilItIsRuledOut() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 2, 100);
    fetch(state, 3, 100);
    assertEquals(NodeIds.of(1, 2, 3), wanted(state));
    judge.stopServing(3);

    IsrProposal again = state.propose(logEnd, judge);

    assertNotNull(again, "the first proposal may be taken yet");
    assertEquals(NodeIds.of(1, 2), again.wanted());
    assertEquals(again.current(), again.wanted());
    assertEquals(NodeIds.of(1, 2, 3), state.largestIsr());
    commit(state, 1, 2);
    assertEquals(NodeIds.of(1, 2), state.largestIsr());
    assertNull(wanted(state));
  }

  @Test
  void sameTermAgainRulesNothingOut() {
    LeaderState state = ofThree(1, 2);
    fetch(state, 3, 100);
    assertEquals(NodeIds.of(1, 2, 3), wanted(state));

    state.termChanged(state.term());

    assertEquals(NodeIds.of(1, 2, 3), state.largestIsr());
  }

  @Test
  void watermarkStaysWhileTheCommittedIsrIsTooSmallWhateverWasAskedFor() {
    LeaderState state = ofThree(1);
    fetch(state, 2, 100);
    assertEquals(NodeIds.of(1, 2), wanted(state));

    assertEquals(40, state.advance(2));
    commit(state, 1, 2);

    assertEquals(100, state.advance(2));
  }

  @Test
  void followerThatStaysBehindForTheLagTimeLeaves() {
    LeaderState state = ofThree(1, 2, 3);
    assertNull(wanted(state));
    fetch(state, 2, 100);
    fetch(state, 3, 99);
    judge.nowMs = LAG_MS;
    assertNull(wanted(state));
    judge.nowMs = LAG_MS + 1;

    assertEquals(NodeIds.of(1, 2), wanted(state), "2 has everything, however long ago it asked");
  }

  @Test
  void followerThatHasWhatWasThereWhenItLastAskedIsInSync() {
    LeaderState state = ofThree(1, 2);
    assertNull(wanted(state));
    for (int i = 1; i <= 10; i++) {
      judge.nowMs = i * LAG_MS / 2;
      logEnd += 10;
      fetch(state, 2, logEnd - 10);
      assertNull(wanted(state), "it is never at the end, and never two fetches behind");
    }

    judge.nowMs += LAG_MS / 2;
    logEnd += 10;
    fetch(state, 2, logEnd - 25);
    judge.nowMs += LAG_MS / 2 + 1;

    assertEquals(NodeIds.of(1), wanted(state));
  }

  @Test
  void newMemberHasTheLagTimeBeforeIt() {
    LeaderState state = ofThree(1);
    wanted(state);
    judge.nowMs = 10 * LAG_MS;
    logEnd = 200;
    fetch(state, 2, 100);
    assertEquals(NodeIds.of(1, 2), wanted(state));
    commit(state, 1, 2);
    judge.nowMs += LAG_MS;

    assertNull(wanted(state));
  }

  @Test
  void whoIsGoneLeavesAtOnceUnlessItWasHeardOfSince() {
    LeaderState state = ofThree(1, 2, 3);
    wanted(state);
    judge.nowMs = 10;
    fetch(state, 2, 100);
    fetch(state, 3, 100);
    judge.lose(2);
    judge.lose(3);
    judge.nowMs = 11;
    fetch(state, 3, 100);

    assertEquals(NodeIds.of(1, 3), wanted(state));
  }

  @Test
  void whoIsGoneDoesNotJoin() {
    LeaderState state = ofThree(1);
    fetch(state, 2, 100);
    judge.lose(2);
    assertNull(wanted(state));
    judge.nowMs = 1;
    fetch(state, 2, 100);

    assertEquals(NodeIds.of(1, 2), wanted(state));
  }
}
