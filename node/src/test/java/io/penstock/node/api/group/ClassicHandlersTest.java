package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ManualLoop;
import io.penstock.node.api.RecordedContext;
import io.penstock.node.api.WireExchange;
import io.penstock.node.group.ImageTopics;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.node.group.consumer.ConsumerState;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.replication.cluster.ClusterImage;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The handlers of classic groups, from bytes to bytes, in each version that they serve. */
final class ClassicHandlersTest {

  private final ManualLoop loop = new ManualLoop();
  private final ShardInMemory shard = new ShardInMemory();
  private final JoinGroupHandler join =
      new JoinGroupHandler(shard, ClassicSettings.standard().withInitialRebalanceDelayMs(0));
  private final SyncGroupHandler sync = new SyncGroupHandler(shard);
  private final HeartbeatHandler heartbeat = new HeartbeatHandler(shard);
  private final LeaveGroupHandler leave = new LeaveGroupHandler(shard);
  private final DescribeGroupsHandler describe = new DescribeGroupsHandler(shard);

  private <T extends ApiMessage> T ask(
      ApiHandler handler, int version, ApiMessage request, Class<T> type) throws Exception {
    return WireExchange.ask(loop, new RecordedContext(loop, version), handler, request, type);
  }

  private JoinGroupResponseData join(int version, String memberId) throws Exception {
    return join(join, version, memberId);
  }

  private JoinGroupResponseData join(JoinGroupHandler handler, int version, String memberId)
      throws Exception {
    return join(handler, version, memberId, null);
  }

  private JoinGroupResponseData join(
      JoinGroupHandler handler, int version, String memberId, @Nullable String instanceId)
      throws Exception {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000);
    request
        .protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[3]));
    if (version > 0) {
      request.setRebalanceTimeoutMs(20_000);
    }
    return ask(handler, version, request, JoinGroupResponseData.class);
  }

  private String joinedMember() throws Exception {
    String id = join(3, "").memberId();
    SyncGroupRequestData request =
        new SyncGroupRequestData().setGroupId("g").setMemberId(id).setGenerationId(1);
    request
        .assignments()
        .add(new SyncGroupRequestAssignment().setMemberId(id).setAssignment(new byte[5]));
    assertEquals(
        5,
        ask(
                sync,
                5,
                request.setProtocolType("consumer").setProtocolName("range"),
                SyncGroupResponseData.class)
            .assignment()
            .length);
    return id;
  }

  static IntStream joinVersions() {
    return IntStream.rangeClosed(0, 9);
  }

  @Test
  void whereMemoryIsUsedUpMembersStayAndNobodyNewComes() throws Exception {
    String member = joinedMember();
    shard.fill();

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), join(9, "").errorCode());
    assertEquals(Errors.NONE.code(), join(9, member).errorCode());
  }

  @Test
  void whereMemoryIsUsedUpAStaticMemberComesBackWithoutItsId() throws Exception {
    String before = join(join, 9, "", "static").memberId();
    shard.fill();

    JoinGroupResponseData again = join(join, 9, "", "static");

    assertEquals(Errors.NONE.code(), again.errorCode());
    assertNotEquals(before, again.memberId());
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), join(join, 9, "", "another").errorCode());
  }

  @Test
  void withoutMemoryAGroupOfTheOtherProtocolTakesInNobodyWhoseIdItDoesNotKnow() throws Exception {
    ConsumerState state = new ConsumerState("g");
    state.apply(
        new ConsumerGroupRecord.Member(
            "g",
            "known",
            new MemberDescription("static", null, "c", "/h", List.of(), null, 1_000, null, null)));
    shard.put(
        new ConsumerGroup(
            state,
            ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard()),
            new ImageTopics(() -> ClusterImage.EMPTY),
            0));
    // What the helper says of its topics cannot be read, which is found out where it may join.
    assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL.code(), join(9, "invented").errorCode());

    shard.fill();

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), join(9, "invented").errorCode());
    assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL.code(), join(9, "known").errorCode());
    assertEquals(
        Errors.INCONSISTENT_GROUP_PROTOCOL.code(), join(join, 9, "", "static").errorCode());
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), join(join, 9, "", "another").errorCode());
  }

  @ParameterizedTest
  @MethodSource("joinVersions")
  void aMemberJoinsInEachVersion(int version) throws Exception {
    JoinGroupResponseData first = join(version, "");
    if (version >= 4) {
      assertEquals(Errors.MEMBER_ID_REQUIRED.code(), first.errorCode());
      assertEquals(version < 7 ? "" : null, first.protocolName());
      first = join(version, first.memberId());
    }

    assertEquals(Errors.NONE.code(), first.errorCode());
    assertEquals(1, first.generationId());
    assertEquals("range", first.protocolName());
    assertEquals(version < 7 ? null : "consumer", first.protocolType());
    assertEquals(first.memberId(), first.leader());
    assertEquals(1, first.members().size());
  }

  @ParameterizedTest
  @MethodSource("joinVersions")
  void refusalsAreToldInEachVersion(int version) throws Exception {
    shard.refuse(Errors.COORDINATOR_LOAD_IN_PROGRESS);

    assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS.code(), join(version, "member").errorCode());
  }

  @Test
  void aGroupIsMadeForItsFirstMemberOnly() throws Exception {
    assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), join(9, "unknown").errorCode());
    assertTrue(shard.all().isEmpty());

    JoinGroupRequestData hasty =
        new JoinGroupRequestData().setGroupId("g").setProtocolType("c").setSessionTimeoutMs(1);
    assertEquals(
        Errors.INVALID_SESSION_TIMEOUT.code(),
        ask(join, 9, hasty, JoinGroupResponseData.class).errorCode());
    assertTrue(shard.all().isEmpty());
  }

  @Test
  void whoJoinsWhereTheLogDoesNotTakeTheChangeOfProtocolIsTold() throws Exception {
    JoinGroupHandler patient = new JoinGroupHandler(shard, ClassicSettings.standard());
    Group before = OfNoTopics.kinds().newConsumer("g", ShardInMemory.NOW_MS);
    shard.put(before);
    shard.refuseAppends(Errors.NOT_COORDINATOR);

    JoinGroupResponseData answer = join(patient, 3, "");

    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE.code(), answer.errorCode());
    assertSame(before, shard.find("g"));
  }

  @Test
  void namesThatNoRecordHoldsAreRefusedOrCut() throws Exception {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setGroupInstanceId("i".repeat(GroupLimits.INSTANCE_ID_CHARS_MAX + 1))
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000);
    request
        .protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[3]));
    assertEquals(
        Errors.INVALID_REQUEST.code(),
        ask(join, 9, request, JoinGroupResponseData.class).errorCode());
    request
        .setGroupInstanceId(null)
        .setProtocolType("c".repeat(GroupLimits.PROTOCOL_CHARS_MAX + 1));
    assertEquals(
        Errors.INVALID_REQUEST.code(),
        ask(join, 9, request, JoinGroupResponseData.class).errorCode());

    RecordedContext context = new RecordedContext(loop, 9).ofClient("\ud83d\udc18".repeat(8_000));
    request.setProtocolType("consumer");
    String id =
        WireExchange.ask(loop, context, join, request, JoinGroupResponseData.class).memberId();

    assertTrue(id.startsWith("\ud83d\udc18".repeat(127) + "-"), id);
  }

  @Test
  void membersSyncInEachVersion() throws Exception {
    String id = joinedMember();

    for (int version = 0; version <= 5; version++) {
      SyncGroupResponseData answer =
          ask(
              sync,
              version,
              new SyncGroupRequestData()
                  .setGroupId("g")
                  .setMemberId(id)
                  .setGenerationId(1)
                  .setProtocolType(version < 5 ? null : "consumer")
                  .setProtocolName(version < 5 ? null : "range"),
              SyncGroupResponseData.class);

      assertEquals(Errors.NONE.code(), answer.errorCode());
      assertEquals(5, answer.assignment().length);
    }
  }

  @Test
  void heartbeatsCountInEachVersion() throws Exception {
    String id = joinedMember();

    for (int version = 0; version <= 4; version++) {
      HeartbeatRequestData request =
          new HeartbeatRequestData().setGroupId("g").setMemberId(id).setGenerationId(1);
      assertEquals(0, ask(heartbeat, version, request, HeartbeatResponseData.class).errorCode());
      request.setGroupId("none");
      assertEquals(
          Errors.UNKNOWN_MEMBER_ID.code(),
          ask(heartbeat, version, request, HeartbeatResponseData.class).errorCode());
    }
  }

  @Test
  void aCoordinatorThatLoadsOrIsBusyEndsNoMember() throws Exception {
    HeartbeatRequestData beat =
        new HeartbeatRequestData().setGroupId("g").setMemberId("member").setGenerationId(1);
    SyncGroupRequestData syncing =
        new SyncGroupRequestData().setGroupId("g").setMemberId("member").setGenerationId(1);

    shard.refuse(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    assertEquals(0, ask(heartbeat, 4, beat, HeartbeatResponseData.class).errorCode());
    assertEquals(
        Errors.REBALANCE_IN_PROGRESS.code(),
        ask(sync, 4, syncing, SyncGroupResponseData.class).errorCode());

    shard.refuse(Errors.COORDINATOR_NOT_AVAILABLE);
    assertEquals(0, ask(heartbeat, 4, beat, HeartbeatResponseData.class).errorCode());
    assertEquals(
        Errors.COORDINATOR_NOT_AVAILABLE.code(),
        ask(sync, 4, syncing, SyncGroupResponseData.class).errorCode());
    assertEquals(Errors.COORDINATOR_LOAD_IN_PROGRESS.code(), join(9, "member").errorCode());

    shard.refuse(Errors.NOT_COORDINATOR);
    assertEquals(
        Errors.NOT_COORDINATOR.code(),
        ask(heartbeat, 4, beat, HeartbeatResponseData.class).errorCode());
  }

  @Test
  void oldVersionsLeaveOneByOne() throws Exception {
    for (int version = 0; version <= 2; version++) {
      LeaveGroupRequestData request =
          new LeaveGroupRequestData().setGroupId("g").setMemberId(joinedMember());
      assertEquals(0, ask(leave, version, request, LeaveGroupResponseData.class).errorCode());

      LeaveGroupResponseData again = ask(leave, version, request, LeaveGroupResponseData.class);

      assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), again.errorCode());
      shard.remove("g");
      assertEquals(
          Errors.UNKNOWN_MEMBER_ID.code(),
          ask(leave, version, request, LeaveGroupResponseData.class).errorCode());
    }
  }

  @Test
  void newVersionsLeaveTogetherAndHearOfEach() throws Exception {
    for (int version = 3; version <= 5; version++) {
      LeaveGroupRequestData request =
          new LeaveGroupRequestData()
              .setGroupId("g")
              .setMembers(
                  List.of(
                      new MemberIdentity().setMemberId(joinedMember()),
                      new MemberIdentity().setMemberId("unknown")));

      LeaveGroupResponseData answer = ask(leave, version, request, LeaveGroupResponseData.class);

      assertEquals(Errors.NONE.code(), answer.errorCode());
      assertEquals(Errors.NONE.code(), answer.members().get(0).errorCode());
      assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), answer.members().get(1).errorCode());
      shard.remove("g");
      assertEquals(
          Errors.UNKNOWN_MEMBER_ID.code(),
          ask(leave, version, request, LeaveGroupResponseData.class).members().get(1).errorCode());
    }
  }

  @Test
  void groupsAreDescribedInEachVersion() throws Exception {
    joinedMember();
    shard.commitOffsetsOf("offsets");

    for (int version = 0; version <= 6; version++) {
      List<DescribedGroup> groups =
          ask(
                  describe,
                  version,
                  new DescribeGroupsRequestData()
                      .setGroups(List.of("g", "offsets", "none"))
                      .setIncludeAuthorizedOperations(version >= 3),
                  DescribeGroupsResponseData.class)
              .groups();

      assertEquals("Stable", groups.get(0).groupState());
      assertEquals(5, groups.get(0).members().get(0).memberAssignment().length);
      assertEquals("Empty", groups.get(1).groupState());
      assertEquals("Dead", groups.get(2).groupState());
      assertEquals(
          version < 6 ? Errors.NONE.code() : Errors.GROUP_ID_NOT_FOUND.code(),
          groups.get(2).errorCode());
      assertEquals(version >= 3, groups.get(0).authorizedOperations() > 0);
    }
  }

  @Test
  void aGroupThatIsNamedAgainIsDescribedOnce() throws Exception {
    joinedMember();

    List<DescribedGroup> groups =
        ask(
                describe,
                5,
                new DescribeGroupsRequestData().setGroups(Collections.nCopies(1_000, "g")),
                DescribeGroupsResponseData.class)
            .groups();

    assertEquals(1, groups.size());
    RecordedContext tooMany = new RecordedContext(loop, 5);
    describe.handle(
        tooMany, new DescribeGroupsRequestData().setGroups(Collections.nCopies(10_001, "g")));
    assertTrue(tooMany.isEnded());
  }

  @Test
  void aGroupWithoutANameIsRefused() throws Exception {
    JoinGroupRequestData joining = new JoinGroupRequestData().setProtocolType("consumer");
    assertEquals(
        Errors.INVALID_GROUP_ID.code(),
        ask(join, 9, joining, JoinGroupResponseData.class).errorCode());
    assertEquals(
        Errors.INVALID_GROUP_ID.code(),
        ask(sync, 4, new SyncGroupRequestData(), SyncGroupResponseData.class).errorCode());
    assertEquals(
        Errors.INVALID_GROUP_ID.code(),
        ask(heartbeat, 4, new HeartbeatRequestData(), HeartbeatResponseData.class).errorCode());
    assertEquals(
        Errors.INVALID_GROUP_ID.code(),
        ask(leave, 5, new LeaveGroupRequestData(), LeaveGroupResponseData.class).errorCode());
  }
}
