package io.penstock.node.group.classic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Members who come, stay, go and fail in one group without a shard. */
final class ClassicGroupTest {

  private final GroupBench bench = GroupBench.withoutDelay();

  @Test
  void firstMemberLeadsTheFirstGeneration() {
    JoinGroupResponseData joined = bench.join("", null).answer();

    assertEquals(Errors.NONE.code(), joined.errorCode());
    assertEquals(1, joined.generationId());
    assertEquals(joined.memberId(), joined.leader());
    assertEquals("range", joined.protocolName());
    assertEquals("consumer", joined.protocolType());
    assertEquals(1, joined.members().size());
    assertEquals("CompletingRebalance", bench.group.state());
  }

  @Test
  void membersHearOfTheirAssignmentWhenItIsCommitted() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    Asked<JoinGroupResponseData> follower = bench.join(ids.get(1), null);
    int generation = leader.answer().generationId();
    assertEquals(2, leader.answer().members().size());
    assertEquals(List.of(), follower.answer().members());
    bench.holdsCommits = true;

    Asked<SyncGroupResponseData> early = bench.sync(ids.get(1), generation);
    Asked<SyncGroupResponseData> leaders =
        bench.sync(ids.get(0), generation, ids.get(0), ids.get(1));

    assertFalse(early.isAnswered());
    assertFalse(leaders.isAnswered());
    bench.settle(Errors.NONE);
    assertEquals(ids.get(1), new String(early.answer().assignment(), UTF_8));
    assertEquals(ids.get(0), new String(leaders.answer().assignment(), UTF_8));
    assertEquals("Stable", bench.group.state());
    assertEquals(generation, bench.lastStored().generation());
  }

  @Test
  void aGroupWithoutMembersIsStoredAsEmpty() {
    List<String> ids = bench.stableWith(1);

    bench.leave(ids.get(0), null).answer();

    assertEquals("Empty", bench.group.state());
    assertTrue(bench.group.isEmpty());
    assertEquals(List.of(), bench.lastStored().members());
    assertEquals(2, bench.lastStored().generation());
    assertEquals(Long.MAX_VALUE, bench.group.nextDeadlineMs());
  }

  @Test
  void membersWithoutIdAreGivenOneFirstWhereTheClientKnowsOfThat() {
    JoinGroupResponseData first = bench.join(GroupBench.request("", null, "range"), true).answer();
    assertEquals(Errors.MEMBER_ID_REQUIRED.code(), first.errorCode());
    assertEquals(0, bench.group.members().size());

    JoinGroupResponseData second =
        bench.join(GroupBench.request(first.memberId(), null, "range"), true).answer();

    assertEquals(Errors.NONE.code(), second.errorCode());
    assertEquals(first.memberId(), second.memberId());
  }

  @Test
  void anIdThatNobodyJoinsWithDelaysARebalanceUntilItRunsOut() {
    List<String> ids = bench.stableWith(1);
    bench.join(GroupBench.request("", null, "range"), true);
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    assertFalse(leader.isAnswered());

    bench.pass(GroupBench.SESSION_MS);

    assertEquals(Errors.NONE.code(), leader.answer().errorCode());
    assertTrue(bench.group.pending().isEmpty());
  }

  @Test
  void anIdThatIsGivenBackEndsTheWaitForItAndBeginsNoRebalance() {
    List<String> ids = bench.stableWith(1);
    String given = bench.join(GroupBench.request("", null, "range"), true).answer().memberId();

    bench.leave(given, null);

    assertEquals("Stable", bench.group.state());
    assertEquals(Errors.NONE, bench.heartbeat(ids.get(0), bench.group.generation()));
    String another = bench.join(GroupBench.request("", null, "range"), true).answer().memberId();
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    assertFalse(leader.isAnswered());
    bench.leave(another, null);
    assertTrue(leader.isAnswered());
  }

  @Test
  void assignmentsOfMoreThanAMegabyteAreStored() {
    String id = bench.join("", null).answer().memberId();
    SyncGroupRequestData request =
        new SyncGroupRequestData().setGroupId("g").setMemberId(id).setGenerationId(1);
    request
        .assignments()
        .add(new SyncGroupRequestAssignment().setMemberId(id).setAssignment(new byte[5 << 20]));

    assertEquals(5 << 20, bench.sync(request).answer().assignment().length);
    assertEquals("Stable", bench.group.state());
  }

  @Test
  void givenIdsAreBoundedAndTheOldestIsForgotten() {
    GroupBench small =
        new GroupBench(new ClassicSettings(0, 6_000, 1_800_000, 10, 1_000_000, 1 << 20, 2));
    String oldest = small.join(GroupBench.request("", null, "range"), true).answer().memberId();
    small.join(GroupBench.request("", null, "range"), true);
    small.join(GroupBench.request("", null, "range"), true);

    JoinGroupResponseData answer =
        small.join(GroupBench.request(oldest, null, "range"), true).answer();

    assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), answer.errorCode());
    assertEquals(2, small.group.pending().size());
  }

  @Test
  void theFirstRebalanceWaitsForMoreMembersAndIsExtendedByThem() {
    GroupBench delayed = new GroupBench(ClassicSettings.standard());
    Asked<JoinGroupResponseData> first = delayed.join("", null);
    delayed.pass(2_999);
    Asked<JoinGroupResponseData> second = delayed.join("", null);
    delayed.pass(2_999);
    assertFalse(first.isAnswered());

    delayed.pass(2);

    assertEquals(1, first.answer().generationId());
    assertEquals(2, first.answer().members().size());
    assertEquals(1, second.answer().generationId());
  }

  @Test
  void theFirstRebalanceIsNotExtendedBeyondTheRebalanceTimeout() {
    GroupBench delayed = new GroupBench(ClassicSettings.standard());
    Asked<JoinGroupResponseData> first = delayed.join("", null);
    for (int i = 0; i < GroupBench.REBALANCE_MS / 1_000 - 1; i++) {
      delayed.pass(1_000);
      assertFalse(first.isAnswered());
      delayed.join("", null);
    }

    delayed.pass(1_000);

    assertEquals(GroupBench.REBALANCE_MS / 1_000, first.answer().members().size());
  }

  @Test
  void aNewMemberHasTheOthersRejoin() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> third = bench.join("", null);

    assertEquals(Errors.REBALANCE_IN_PROGRESS, bench.heartbeat(ids.get(0), 2));
    bench.join(ids.get(0), null);
    assertFalse(third.isAnswered());
    bench.join(ids.get(1), null);

    assertEquals(3, third.answer().generationId());
  }

  @Test
  void whoDoesNotRejoinInTimeIsLeftBehind() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> third = bench.join("", null);
    bench.join(ids.get(0), null);
    for (int i = 0; i < GroupBench.REBALANCE_MS / 5_000; i++) {
      bench.heartbeat(ids.get(1), 2);
      bench.pass(5_000);
    }

    assertEquals(3, third.answer().generationId());
    assertEquals(Errors.UNKNOWN_MEMBER_ID, bench.heartbeat(ids.get(1), 2));
  }

  @Test
  void aMemberWithoutHeartbeatsExpires() {
    List<String> ids = bench.stableWith(2);
    bench.pass(GroupBench.SESSION_MS / 2);
    assertEquals(Errors.NONE, bench.heartbeat(ids.get(0), 2));

    bench.pass(GroupBench.SESSION_MS / 2);

    assertEquals(Errors.REBALANCE_IN_PROGRESS, bench.heartbeat(ids.get(0), 2));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, bench.heartbeat(ids.get(1), 2));
    assertEquals(3, bench.join(ids.get(0), null).answer().generationId());
  }

  @Test
  void aNewMemberWhoseAnswerIsParkedIsForgottenAfterFiveMinutes() {
    List<String> ids = bench.stableWith(1);
    bench.join(
        GroupBench.request(ids.get(0), null, "range").setRebalanceTimeoutMs(1_000_000), false);
    bench.sync(ids.get(0), 2, ids.get(0));
    Asked<JoinGroupResponseData> parked = bench.join("", null);
    for (int i = 0; i < 5 * 60 / 5; i++) {
      assertFalse(parked.isAnswered());
      bench.heartbeat(ids.get(0), 2);
      bench.pass(5_000);
    }

    assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), parked.answer().errorCode());
    assertEquals(1, bench.group.members().size());
  }

  @Test
  void generationsAndMembersAreChecked() {
    List<String> ids = bench.stableWith(1);

    assertEquals(Errors.ILLEGAL_GENERATION, bench.heartbeat(ids.get(0), 0));
    assertEquals(Errors.ILLEGAL_GENERATION, bench.heartbeat(ids.get(0), 2));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, bench.heartbeat("nobody", 1));
    assertEquals(Errors.ILLEGAL_GENERATION.code(), bench.sync(ids.get(0), 2).answer().errorCode());
    assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), bench.join("nobody", null).answer().errorCode());
    assertEquals(
        Errors.UNKNOWN_MEMBER_ID.code(),
        bench.leave("nobody", null).answer().members().get(0).errorCode());
  }

  @Test
  void sessionTimeoutsAreBounded() {
    for (int timeoutMs : new int[] {5_999, 1_800_001}) {
      JoinGroupResponseData answer =
          bench
              .join(GroupBench.request("", null, "range").setSessionTimeoutMs(timeoutMs), false)
              .answer();

      assertEquals(Errors.INVALID_SESSION_TIMEOUT.code(), answer.errorCode());
    }
    assertTrue(bench.group.isEmpty());
  }

  @Test
  void membersHaveToShareAProtocol() {
    bench.join("", null, "range", "sticky");

    assertEquals(
        Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
        bench.join("", null, "cooperative").answer().errorCode());
    assertEquals(
        Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
        bench
            .join(GroupBench.request("", null, "range").setProtocolType("connect"), false)
            .answer()
            .errorCode());
    assertEquals(
        Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
        GroupBench.withoutDelay().join("", null, new String[0]).answer().errorCode());
  }

  @Test
  void mostMembersChooseTheProtocolAmongThoseThatAllKnow() {
    GroupBench delayed = new GroupBench(ClassicSettings.standard());
    Asked<JoinGroupResponseData> first = delayed.join("", null, "mine", "range", "sticky");
    delayed.join("", null, "sticky", "range");
    delayed.join("", null, "sticky", "range");

    delayed.pass(60_000);

    assertEquals("sticky", first.answer().protocolName());
  }

  @Test
  void theLeaderRejoiningBeginsARebalanceAndAFollowerDoesNot() {
    List<String> ids = bench.stableWith(2);

    JoinGroupResponseData follower = bench.join(ids.get(1), null).answer();
    assertEquals(2, follower.generationId());
    assertEquals("Stable", bench.group.state());

    bench.join(ids.get(0), null);
    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void aFollowerWithOtherMetadataBeginsARebalance() {
    List<String> ids = bench.stableWith(2);

    bench.join(ids.get(1), null, "range", "sticky");

    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void whoWaitsForItsAssignmentHearsOfARebalance() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    Asked<SyncGroupResponseData> waiting = bench.sync(ids.get(1), 3);

    bench.join("", null);

    assertEquals(Errors.REBALANCE_IN_PROGRESS.code(), waiting.answer().errorCode());
  }

  @Test
  void whoWaitedForItsAssignmentHasAWholeSessionToRejoin() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    bench.sync(ids.get(1), 3);
    for (int i = 0; i < 3; i++) {
      bench.pass(GroupBench.SESSION_MS / 2 - 1);
      bench.heartbeat(ids.get(0), 3);
    }

    bench.join("", null);

    bench.pass(GroupBench.SESSION_MS - 1);
    assertTrue(bench.group.members().has(ids.get(1)));
  }

  @Test
  void whoIsAssignedAfterALongWaitHasAWholeSession() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    bench.sync(ids.get(1), 3);
    bench.pass(GroupBench.SESSION_MS - 1);

    bench.sync(ids.get(0), 3, ids.get(0), ids.get(1));

    bench.pass(GroupBench.SESSION_MS - 1);
    assertEquals(Errors.NONE, bench.heartbeat(ids.get(1), 3));
  }

  @Test
  void aLeaderThatDoesNotAssignIsTakenOut() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    Asked<SyncGroupResponseData> waiting = bench.sync(ids.get(1), 3);
    for (int i = 0; i < GroupBench.REBALANCE_MS / 5_000; i++) {
      assertFalse(waiting.isAnswered());
      bench.heartbeat(ids.get(0), 3);
      bench.pass(5_000);
    }

    assertEquals(Errors.REBALANCE_IN_PROGRESS.code(), waiting.answer().errorCode());
    assertEquals(Errors.UNKNOWN_MEMBER_ID, bench.heartbeat(ids.get(0), 3));
    assertEquals(ids.get(1), bench.join(ids.get(1), null).answer().leader());
  }

  @Test
  void aFailedAppendHasEverybodyRejoin() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    bench.holdsCommits = true;
    Asked<SyncGroupResponseData> follower = bench.sync(ids.get(1), 3);
    Asked<SyncGroupResponseData> leader = bench.sync(ids.get(0), 3, ids.get(0), ids.get(1));

    bench.settle(Errors.NOT_ENOUGH_REPLICAS);

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), leader.answer().errorCode());
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), follower.answer().errorCode());
    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void assignmentsThatComeTooLateForTheirGenerationAreNotHandedOut() {
    List<String> ids = bench.stableWith(1);
    bench.join(ids.get(0), null);
    bench.holdsCommits = true;
    Asked<SyncGroupResponseData> leader = bench.sync(ids.get(0), 2, ids.get(0));
    bench.join("", null);

    bench.settle(Errors.NONE);

    assertEquals(Errors.REBALANCE_IN_PROGRESS.code(), leader.answer().errorCode());
    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void aGenerationTooLargeForARecordIsNotStored() {
    GroupBench small =
        new GroupBench(new ClassicSettings(0, 6_000, 1_800_000, 10, 500, 1 << 20, 2));
    String id = small.join("", null).answer().memberId();

    SyncGroupResponseData answer = small.sync(id, 1, id + "x".repeat(100), id).answer();
    assertEquals(Errors.NONE.code(), answer.errorCode());
    small.join(id, null);
    SyncGroupRequestData large =
        new SyncGroupRequestData().setGroupId("g").setMemberId(id).setGenerationId(2);
    large
        .assignments()
        .add(new SyncGroupRequestAssignment().setMemberId(id).setAssignment(new byte[500]));

    assertEquals(Errors.UNKNOWN_SERVER_ERROR.code(), small.sync(large).answer().errorCode());
    assertEquals(1, small.lastStored().generation());
  }

  @Test
  void aFullGroupTakesNobodyElse() {
    GroupBench small =
        new GroupBench(new ClassicSettings(0, 6_000, 1_800_000, 2, 1_000_000, 1 << 20, 2));
    List<String> ids = small.stableWith(2);

    assertEquals(Errors.GROUP_MAX_SIZE_REACHED.code(), small.join("", null).answer().errorCode());
    assertEquals(Errors.NONE.code(), small.join(ids.get(1), null).answer().errorCode());
  }

  @Test
  void metadataOfAllMembersIsBounded() {
    GroupBench small =
        new GroupBench(new ClassicSettings(0, 6_000, 1_800_000, 100, 1_000_000, 900, 2));
    Asked<JoinGroupResponseData> one = small.join("", null, "p".repeat(200));
    assertEquals(Errors.NONE.code(), one.answer().errorCode());

    Asked<JoinGroupResponseData> other = small.join("", null, "p".repeat(200));

    assertEquals(Errors.GROUP_MAX_SIZE_REACHED.code(), other.answer().errorCode());
  }

  @Test
  void leavingHasTheOthersRejoin() {
    List<String> ids = bench.stableWith(2);

    assertEquals(0, bench.leave(ids.get(0), null).answer().members().get(0).errorCode());

    assertEquals(Errors.REBALANCE_IN_PROGRESS, bench.heartbeat(ids.get(1), 2));
    assertEquals(ids.get(1), bench.join(ids.get(1), null).answer().leader());
  }

  @Test
  void whoAsksTwiceIsAnsweredTwice() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> first = bench.join(ids.get(0), null);

    Asked<JoinGroupResponseData> second = bench.join(ids.get(0), null);

    assertEquals(Errors.REBALANCE_IN_PROGRESS.code(), first.answer().errorCode());
    bench.join(ids.get(1), null);
    assertEquals(Errors.NONE.code(), second.answer().errorCode());
  }

  @Test
  void unloadingAnswersEverybodyWhoWaits() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> joining = bench.join(ids.get(0), null);

    bench.restart();

    assertEquals(Errors.NOT_COORDINATOR.code(), joining.answer().errorCode());
  }

  @Test
  void aRestoredGroupGivesItsMembersAWholeSession() {
    List<String> ids = bench.stableWith(2);
    bench.pass(GroupBench.SESSION_MS - 1);

    bench.restart();

    bench.pass(GroupBench.SESSION_MS - 1);
    assertEquals("Stable", bench.group.state());
    assertEquals(ids.get(0), bench.group.members().leader());
    assertEquals(Errors.NONE, bench.heartbeat(ids.get(0), 2));
    assertEquals(ids.get(0), new String(bench.sync(ids.get(0), 2).answer().assignment(), UTF_8));
    bench.pass(1);
    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void aGroupThatWasRebalancingGoesOnByRejoining() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    assertEquals(3, bench.group.generation());

    bench.restart();

    assertEquals(Errors.ILLEGAL_GENERATION, bench.heartbeat(ids.get(0), 3));
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    bench.join(ids.get(1), null);
    assertEquals(3, leader.answer().generationId());
  }
}
