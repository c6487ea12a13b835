package io.penstock.node.group.classic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Static members, who come back under the name that they had and keep what they were assigned. */
final class StaticMembersTest {

  private final GroupBench bench = GroupBench.withoutDelay();
  private String leader = "";
  private String follower = "";

  @BeforeEach
  void twoStaticMembersInGenerationTwo() {
    leader = bench.join("", "a").answer().memberId();
    Asked<JoinGroupResponseData> second = bench.join("", "b");
    bench.join(leader, "a");
    follower = second.answer().memberId();
    bench.sync(follower, 2);
    bench.sync(leader, 2, leader, follower);
    assertEquals("Stable", bench.group.state());
  }

  @Test
  void comeBackWithoutARebalance() {
    int stored = bench.stored.size();

    JoinGroupResponseData back = bench.join("", "b").answer();

    assertEquals(Errors.NONE.code(), back.errorCode());
    assertEquals(2, back.generationId());
    assertNotEquals(follower, back.memberId());
    assertEquals("Stable", bench.group.state());
    assertEquals(stored + 1, bench.stored.size());
    SyncGroupResponseData synced = bench.sync(back.memberId(), 2).answer();
    assertEquals(follower, new String(synced.assignment(), UTF_8));
  }

  @Test
  void hearOfTheirNewIdWhenItIsCommitted() {
    bench.holdsCommits = true;
    Asked<JoinGroupResponseData> back = bench.join("", "b");
    assertFalse(back.isAnswered());

    bench.settle(Errors.NONE);

    assertEquals(Errors.NONE.code(), back.answer().errorCode());
  }

  @Test
  void whoIsReplacedBeforeItsIdIsCommittedHearsThatItIsFenced() {
    bench.holdsCommits = true;
    Asked<JoinGroupResponseData> first = bench.join("", "b");
    Asked<JoinGroupResponseData> second = bench.join("", "b");

    bench.settle(Errors.NONE);

    assertEquals(Errors.FENCED_INSTANCE_ID.code(), first.answer().errorCode());
    assertEquals(Errors.NONE.code(), second.answer().errorCode());
  }

  @Test
  void fenceWhoHadTheirNameBefore() {
    bench.join("", "b");

    assertEquals(Errors.FENCED_INSTANCE_ID, bench.heartbeat(follower, "b", 2));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, bench.heartbeat(follower, null, 2));
    assertEquals(Errors.FENCED_INSTANCE_ID.code(), bench.join(follower, "b").answer().errorCode());
    assertEquals(
        Errors.FENCED_INSTANCE_ID.code(),
        bench.leave(follower, "b").answer().members().get(0).errorCode());
    assertEquals(
        Errors.FENCED_INSTANCE_ID, bench.group.validateCommit(follower, "b", 2, bench.nowMs()));
  }

  @Test
  void aLeaderThatIsBackIsToldNotToAssign() {
    JoinGroupResponseData back = bench.join("", "a").answer();

    assertTrue(back.skipAssignment());
    assertEquals(back.memberId(), back.leader());
    assertEquals(2, back.members().size());
  }

  @Test
  void aLeaderThatCannotSkipIsToldThatItsOldIdLeads() {
    JoinCall old =
        new JoinCall(GroupBench.request("", "a", "range"), false, false, "c", "/h", "old");
    Asked<JoinGroupResponseData> back = new Asked<>();
    bench.run(effects -> bench.group.join(old, bench.nowMs(), back, effects));

    assertFalse(back.answer().skipAssignment());
    assertEquals(leader, back.answer().leader());
    assertEquals(List.of(), back.answer().members());
  }

  @Test
  void beginARebalanceWhereTheProtocolWouldChange() {
    JoinGroupRequestData request = GroupBench.request("", "b", "sticky", "range");
    bench.join("", "a", "sticky", "range");
    Asked<JoinGroupResponseData> back = bench.join(request, false);

    assertFalse(back.isAnswered());
    assertEquals("PreparingRebalance", bench.group.state());
  }

  @Test
  void areWaitedForUntilTheirSessionEnds() {
    bench.join(leader, "a");
    bench.pass(GroupBench.SESSION_MS - 1);
    assertEquals("PreparingRebalance", bench.group.state());

    bench.pass(1);

    assertEquals(3, bench.group.generation());
    assertEquals(1, bench.group.members().size());
  }

  @Test
  void areLeftInTheGroupWhereTheRebalanceEndsBeforeTheirSession() {
    JoinGroupRequestData patient =
        GroupBench.request("", "c", "range").setSessionTimeoutMs(1_000_000);
    Asked<JoinGroupResponseData> third = bench.join(patient, false);
    bench.join(leader, "a");
    bench.join(follower, "b");
    String id = third.answer().memberId();
    bench.sync(leader, 3, leader, follower, id);
    bench.sync(follower, 3);
    bench.sync(id, 3);

    Asked<JoinGroupResponseData> again = bench.join(leader, "a");
    bench.join(follower, "b");
    bench.pass(GroupBench.REBALANCE_MS);

    assertEquals(4, again.answer().generationId());
    assertEquals(3, again.answer().members().size());
  }

  @Test
  void aRebalanceWithNobodyThereGoesOnUntilSessionsEnd() {
    bench.leave(leader, "a");

    bench.pass(GroupBench.SESSION_MS + GroupBench.REBALANCE_MS);

    assertEquals("Empty", bench.group.state());
  }

  @Test
  void areTakenOutByNameAlone() {
    LeaveGroupRequestData request =
        new LeaveGroupRequestData()
            .setGroupId("g")
            .setMembers(
                List.of(
                    new MemberIdentity().setGroupInstanceId("a"),
                    new MemberIdentity().setGroupInstanceId("unknown"),
                    new MemberIdentity().setMemberId("wrong").setGroupInstanceId("b")));
    Asked<LeaveGroupResponseData> answer = new Asked<>();

    bench.run(effects -> bench.group.leave(request, bench.nowMs(), answer, effects));

    assertEquals(
        List.of(
            Errors.NONE.code(), Errors.UNKNOWN_MEMBER_ID.code(), Errors.FENCED_INSTANCE_ID.code()),
        answer.answer().members().stream().map(each -> each.errorCode()).toList());
    assertEquals(1, bench.group.members().size());
  }

  @Test
  void areNotKeptOutOfAFullGroup() {
    GroupBench small =
        new GroupBench(new ClassicSettings(0, 6_000, 1_800_000, 1, 1_000_000, 1 << 20, 2));
    String id = small.join("", "a").answer().memberId();
    small.sync(id, 1, id);

    assertEquals(Errors.NONE.code(), small.join("", "a").answer().errorCode());
  }
}
