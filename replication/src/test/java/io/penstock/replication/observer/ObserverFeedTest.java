package io.penstock.replication.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.PollAnswer.Status;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A voter as its observers see it; time passes when the test says so. */
class ObserverFeedTest {

  private static final GroupView VIEW = new GroupView(1, 1, List.of(member(1), member(2)));

  private final ChainRules rules = new ChainRules();
  private final ManualTasks tasks = new ManualTasks();
  private final ManualTasks encoder = new ManualTasks();
  private boolean votes = true;
  private long index;
  private Long image = 0L;
  private final ObserverFeed<Long> feed =
      new ObserverFeed<>(
          rules, () -> votes, () -> VIEW, tasks, encoder, tasks::nowMs, new AppliedLog(4, 1000));

  @Test
  void answersAtOnceWhatIsThere() {
    apply(2);

    PollAnswer answer = now(poll(9, Position.NONE));

    assertEquals(Status.COMMANDS, answer.status());
    assertEquals(2, answer.entries().size());
    assertEquals(at(2), answer.upTo());
    assertEquals(VIEW, answer.view());
  }

  @Test
  void holdsAPollUntilSomethingIsApplied() {
    apply(1);
    CompletableFuture<byte[]> first = poll(8, at(1));
    CompletableFuture<byte[]> second = poll(9, at(1));
    tasks.runDue();
    assertFalse(first.isDone());

    apply(1);

    assertFalse(first.isDone(), "the applier thread only leaves a sign");
    tasks.runDue();
    assertEquals(at(2), now(first).upTo());
    assertEquals(at(2), now(second).upTo());
    assertEquals(0, feed.waitingCount());
    assertEquals(0, tasks.waiting(), "no timer is left");
  }

  @Test
  void tellsOfThePlaceOfRaftsOwnEntriesToo() {
    apply(1);
    CompletableFuture<byte[]> waits = poll(9, at(1));

    feed.imageChanged(new Position(2, 2), image); // the very same object
    tasks.runDue();

    assertEquals(new Position(2, 2), now(waits).upTo());
    assertEquals(List.of(), now(waits).entries());
  }

  @Test
  void answersWithNothingWhenTheWaitIsOver() {
    apply(1);
    CompletableFuture<byte[]> waits = poll(9, at(1));

    tasks.advance(1_000);

    assertEquals(List.of(), now(waits).entries());
    assertEquals(at(1), now(waits).upTo());
    assertEquals(0, feed.waitingCount());
  }

  @Test
  void keepsOnePollForEachObserverAndABoundedNumberOfAll() {
    apply(1);
    CompletableFuture<byte[]> given = poll(9, at(1));
    CompletableFuture<byte[]> kept = poll(9, at(1));

    assertTrue(given.isDone());
    assertFalse(kept.isDone());
    for (int i = 1; i < ObserverFeed.WAITING_MAX; i++) {
      assertFalse(poll(100 + i, at(1)).isDone());
    }
    assertTrue(poll(99, at(1)).isDone());
    assertEquals(ObserverFeed.WAITING_MAX, feed.waitingCount());
  }

  @Test
  void namesTheVotersWhereItHasNoVoteAndLetsThoseGoWhoWait() {
    apply(1);
    CompletableFuture<byte[]> waits = poll(9, at(1));

    votes = false;
    feed.wake();
    tasks.runDue();

    assertEquals(Status.NO_VOTER, now(waits).status());
    assertEquals(VIEW.voters(), now(poll(9, at(1))).view().voters());
  }

  @Test
  void sendsWhoIsTooFarBehindToASnapshotWhichIsEncodedOnce() {
    apply(10);

    assertEquals(Status.TAKE_SNAPSHOT, now(poll(9, at(1))).status());
    CompletableFuture<byte[]> one = snapshot(Position.NONE, 0);
    CompletableFuture<byte[]> two = snapshot(Position.NONE, 0);
    assertFalse(one.isDone(), "not on the network thread");
    encoder.runDue();

    SnapshotAnswer answer = SnapshotAnswer.decode(one.join());
    assertEquals(at(10), answer.at());
    assertEquals(answer, SnapshotAnswer.decode(two.join()));
    apply(2);
    assertTrue(snapshot(Position.NONE, 0).isDone(), "its commands are kept, so it is shared");
    apply(3);
    assertFalse(snapshot(Position.NONE, 0).isDone(), "commands no longer reach back to it");
  }

  @Test
  void letsASnapshotGoThatNobodyAsksFor() {
    apply(10);
    CompletableFuture<byte[]> first = snapshot(Position.NONE, 0);
    encoder.runDue();
    SnapshotAnswer answer = SnapshotAnswer.decode(first.join());

    encoder.advance(20_000);
    assertTrue(SnapshotAnswer.decode(snapshot(answer.at(), 0).join()).found());
    encoder.advance(100_000);

    assertFalse(SnapshotAnswer.decode(snapshot(answer.at(), 0).join()).found());
    assertEquals(0, encoder.waiting());
  }

  @Test
  void remembersHowFarObserversAre() {
    apply(3);
    tasks.advance(5_000);
    var _ = poll(9, at(3));
    tasks.advance(5_000);
    apply(1);
    var _ = poll(9, at(2));

    ObserverPositions.Seen seen = feed.positions().list(tasks.nowMs()).getFirst();

    assertEquals(member(9), seen.member());
    assertEquals(2, seen.lastIndex());
    assertEquals(10_000, seen.lastContactMs());
    assertEquals(5_000, seen.lastCaughtUpMs());
    assertEquals(List.of(), feed.positions().list(tasks.nowMs() + 3_600_000));
  }

  @Test
  void aMemberThatBeginsAnewShowsNothingOfItsFormerSelf() {
    apply(3);

    feed.beginAnew();

    assertEquals(Status.BEHIND, now(poll(9, at(3))).status());
    assertFalse(SnapshotAnswer.decode(snapshot(Position.NONE, 0).join()).found());
  }

  private void apply(int commands) {
    for (int i = 0; i < commands; i++) {
      index++;
      image = rules.apply(image, (int) index).image();
      feed.applied(at(index), rules.encodeCommand((int) index));
      feed.imageChanged(at(index), image);
    }
  }

  private CompletableFuture<byte[]> poll(int node, Position have) {
    return feed.poll(new PollRequest(0, member(node), have, 1_000, 1 << 20)).toCompletableFuture();
  }

  private CompletableFuture<byte[]> snapshot(Position at, long offset) {
    return feed.snapshot(new SnapshotRequest(0, at, offset, 1 << 20)).toCompletableFuture();
  }

  private static PollAnswer now(CompletableFuture<byte[]> answer) {
    assertTrue(answer.isDone());
    return PollAnswer.decode(answer.join());
  }

  private static Position at(long index) {
    return new Position(1, index);
  }

  private static Member member(int node) {
    return new Member(node, new UUID(node, node), new Address("node" + node, 9093));
  }
}
