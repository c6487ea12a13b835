package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.assign.RangeAssignor;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** One group of the consumer protocol, heartbeat by heartbeat. */
final class ConsumerGroupTest {

  private static final int SESSION_MS = 45_000;
  private static final int REBALANCE_MS = 10_000;

  private final SomeTopics topics = new SomeTopics();
  private final ConsumerSettings settings =
      new ConsumerSettings(
          _ -> new ConsumerSettings.Times(SESSION_MS, 5_000),
          3,
          List.of(new UniformAssignor(), new RangeAssignor()),
          10,
          100_000,
          new ConsumerSettings.Migration(false, false, ClassicSettings.standard()));
  private final ConsumerGroup group =
      new ConsumerGroup(new ConsumerState("g"), settings, topics, 0);
  private long nowMs = 1_000;
  private boolean refused;

  @BeforeEach
  void createTopic() {
    topics.create("t", 4);
  }

  private static ConsumerGroupHeartbeatRequestData request(String memberId, int epoch) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId("g")
        .setMemberId(memberId)
        .setMemberEpoch(epoch);
  }

  private static ConsumerGroupHeartbeatRequestData joining(String memberId) {
    return request(memberId, 0)
        .setRebalanceTimeoutMs(REBALANCE_MS)
        .setSubscribedTopicNames(List.of("t"))
        .setTopicPartitions(List.of());
  }

  private ConsumerGroupHeartbeatResponseData ask(ConsumerGroupHeartbeatRequestData request) {
    HeartbeatCall call = new HeartbeatCall(request, "client", "/host", "");
    ConsumerGroupHeartbeatResponseData wrong = ConsumerGroup.refused(call, settings);
    if (wrong != null) {
      return wrong;
    }
    List<ConsumerGroupHeartbeatResponseData> answers = new ArrayList<>();
    Effects effects = new Effects();
    group.heartbeat(call, nowMs, answers::add, effects);
    carryOut(effects);
    assertEquals(1, answers.size());
    return answers.getFirst();
  }

  private List<GroupRecord> carryOut(Effects effects) {
    effects.answers().forEach(Runnable::run);
    List<GroupRecord> records = effects.records();
    Errors outcome = refused && !records.isEmpty() ? Errors.NOT_COORDINATOR : Errors.NONE;
    if (outcome != Errors.NONE) {
      effects.undo();
    }
    effects.stored().forEach(each -> each.ended(outcome, nowMs, new Effects()));
    return records;
  }

  private static Errors error(ConsumerGroupHeartbeatResponseData answer) {
    return Errors.forCode(answer.errorCode());
  }

  private static List<Integer> assigned(ConsumerGroupHeartbeatResponseData answer) {
    assertNotNull(answer.assignment());
    return answer.assignment().topicPartitions().stream()
        .flatMap(topic -> topic.partitions().stream())
        .sorted()
        .toList();
  }

  private ConsumerGroupHeartbeatRequestData owning(
      ConsumerGroupHeartbeatRequestData request, int... partitions) {
    Uuid id =
        new Uuid(topics.id("t").getMostSignificantBits(), topics.id("t").getLeastSignificantBits());
    return request.setTopicPartitions(
        List.of(
            new TopicPartitions()
                .setTopicId(id)
                .setPartitions(IntStream.of(partitions).boxed().toList())));
  }

  @Test
  void theFirstMemberGetsEverything() {
    ConsumerGroupHeartbeatResponseData answer = ask(joining("a"));

    assertEquals(Errors.NONE, error(answer));
    assertEquals(1, answer.memberEpoch());
    assertEquals(5_000, answer.heartbeatIntervalMs());
    assertEquals(List.of(0, 1, 2, 3), assigned(answer));
    assertEquals("Stable", group.state());
    assertNull(ask(request("a", 1)).assignment());
  }

  @Test
  void whatOneHasAnotherGetsWhenItIsGivenBack() {
    ask(joining("a"));

    ConsumerGroupHeartbeatResponseData joined = ask(joining("b"));
    assertEquals(List.of(), assigned(joined));
    assertEquals(2, joined.memberEpoch());
    ConsumerGroupHeartbeatResponseData asked = ask(request("a", 1));
    assertEquals(1, asked.memberEpoch());
    List<Integer> kept = assigned(asked);
    assertEquals(2, kept.size());
    assertNull(ask(request("b", 2)).assignment());
    assertEquals("Reconciling", group.state());

    ConsumerGroupHeartbeatResponseData done =
        ask(owning(request("a", 1), kept.get(0), kept.get(1)));
    List<Integer> given = assigned(ask(request("b", 2)));

    assertEquals(2, done.memberEpoch());
    assertEquals(
        List.of(0, 1, 2, 3),
        IntStream.concat(
                kept.stream().mapToInt(each -> each), given.stream().mapToInt(each -> each))
            .sorted()
            .boxed()
            .toList());
    assertEquals("Stable", group.state());
  }

  /** Merged one after the other they would take minutes, of a thread that serves others too. */
  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void aTopicMayBeNamedAgainForEachPartitionThatAMemberOwns() {
    ask(joining("a"));
    ask(joining("b"));
    List<Integer> kept = assigned(ask(request("a", 1)));
    List<TopicPartitions> many = new ArrayList<>();
    for (int partition : kept) {
      many.addAll(owning(request("a", 1), partition).topicPartitions());
    }
    for (int partition = 4; partition < 380_000; partition++) {
      many.addAll(owning(request("a", 1), partition).topicPartitions());
    }

    assertEquals(
        Errors.INVALID_REQUEST, error(ask(joining("c").setTopicPartitions(List.copyOf(many)))));
    assertEquals(1, ask(request("a", 1).setTopicPartitions(owningAll())).memberEpoch());
    assertEquals(2, ask(request("a", 1).setTopicPartitions(many)).memberEpoch());
    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(request("a", 1).setTopicPartitions(many))));
  }

  private List<TopicPartitions> owningAll() {
    return owning(request("a", 1), 0, 1, 2, 3).topicPartitions();
  }

  @Test
  void epochsThatAreNotTheMembersAreFenced() {
    ask(joining("a"));
    ask(joining("b"));
    ask(owning(request("a", 1), 0, 1));

    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(request("a", 9))));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("c", 1))));
  }

  @Test
  void theEpochBeforeIsGoodForWhoMayHaveLostAnAnswer() {
    ask(joining("a"));
    topics.grow("t", 1);
    assertEquals(2, ask(request("a", 1)).memberEpoch());

    ConsumerGroupHeartbeatResponseData again =
        ask(
            owning(request("a", 1), 0, 1, 2, 3)
                .setRebalanceTimeoutMs(REBALANCE_MS)
                .setSubscribedTopicNames(List.of("t")));
    assertEquals(2, again.memberEpoch());
    assertEquals(List.of(0, 1, 2, 3, 4), assigned(again));
    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(request("a", 1))));
    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(owning(request("a", 1), 7))));
  }

  @Test
  void whoJoinsAgainIsInAnotherEpochThanBefore() {
    ask(joining("a"));
    topics.grow("t", 1);
    ask(request("a", 1));

    ConsumerGroupHeartbeatResponseData again = ask(joining("a"));

    assertEquals(3, again.memberEpoch());
    assertEquals(List.of(0, 1, 2, 3, 4), assigned(again));
    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(request("a", 2))));
  }

  @Test
  void whoIsNotHeardOfIsTakenOut() {
    ask(joining("a"));
    ask(joining("b"));
    nowMs += SESSION_MS - 1;
    ask(request("b", 2));
    nowMs += 1;
    assertTrue(group.nextDeadlineMs() <= nowMs);

    Effects effects = new Effects();
    group.tick(nowMs, effects);
    carryOut(effects);

    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("a", 1))));
    assertEquals(List.of(0, 1, 2, 3), assigned(ask(request("b", 2))));
  }

  @Test
  void whatNobodyCouldSayIsNotTakenForSilence() {
    ask(joining("a"));
    group.postpone(3 * SESSION_MS);
    nowMs += 3 * SESSION_MS;
    Effects early = new Effects();
    group.tick(nowMs, early);
    assertTrue(carryOut(early).isEmpty());
    assertTrue(group.has("a"));

    nowMs += SESSION_MS;
    Effects late = new Effects();
    group.tick(nowMs, late);
    carryOut(late);

    assertFalse(group.has("a"));
  }

  @Test
  void whoDoesNotGiveBackIsTakenOut() {
    ask(joining("a"));
    ask(joining("b"));
    ask(request("a", 1));
    for (int i = 0; i < 3; i++) {
      nowMs += REBALANCE_MS / 4;
      ask(request("a", 1));
      assertNull(ask(request("b", 2)).assignment());
    }
    nowMs += REBALANCE_MS;
    Effects effects = new Effects();
    group.tick(nowMs, effects);
    carryOut(effects);

    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("a", 1))));
    assertEquals(List.of(0, 1, 2, 3), assigned(ask(request("b", 2))));
  }

  @Test
  void whatTheLogDoesNotTakeHasNotHappened() {
    ask(joining("a"));
    refused = true;

    assertEquals(Errors.NOT_COORDINATOR, error(ask(joining("b"))));
    assertEquals(Errors.NOT_COORDINATOR, error(ask(request("a", -1))));
    nowMs += SESSION_MS;
    Effects effects = new Effects();
    group.tick(nowMs, effects);
    assertFalse(carryOut(effects).isEmpty());
    assertTrue(group.nextDeadlineMs() > nowMs);
    refused = false;

    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("b", 2))));
    assertEquals(1, ask(request("a", 1)).memberEpoch());
    assertEquals("Stable", group.state());
  }

  @Test
  void aStaticMemberThatIsAwayKeepsWhatItHas() {
    ask(joining("a").setInstanceId("i"));
    assertEquals(Errors.UNRELEASED_INSTANCE_ID, error(ask(joining("other").setInstanceId("i"))));

    assertEquals(-2, ask(request("a", -2).setInstanceId("i")).memberEpoch());
    assertEquals(Errors.FENCED_MEMBER_EPOCH, error(ask(request("a", 1).setInstanceId("i"))));
    ConsumerGroupHeartbeatResponseData back = ask(joining("other").setInstanceId("i"));

    assertEquals(List.of(0, 1, 2, 3), assigned(back));
    assertEquals(1, back.memberEpoch());
    assertEquals(Errors.FENCED_INSTANCE_ID, error(ask(request("a", 1).setInstanceId("i"))));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("a", 1))));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("a", 1).setInstanceId("j"))));
  }

  @Test
  void expressionsFollowTheTopics() {
    topics.create("u1", 1);
    ConsumerGroupHeartbeatResponseData joined =
        ask(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("u[0-9]"));
    assertEquals(List.of(0), assigned(joined));

    topics.create("u2", 2);
    ConsumerGroupHeartbeatResponseData more = ask(request("a", 1));
    assertEquals(List.of(0, 0, 1), assigned(more));
    assertTrue(group.isSubscribedTo("u2"));
    assertFalse(group.isSubscribedTo("t"));

    ask(request("a", 2).setSubscribedTopicRegex("").setSubscribedTopicNames(List.of("t")));
    assertFalse(group.isSubscribedTo("u2"));
    assertTrue(group.inner().regexes().isEmpty());
  }

  @Test
  void aTopicThatComesWhileExpressionsAreHeldAgainstNamesIsFoundNext() {
    topics.create("u1", 1);
    topics.whileNamesAreRead(() -> topics.create("u2", 1));
    ask(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("u[0-9]"));

    ConsumerGroupHeartbeatResponseData next = ask(request("a", 1));

    assertEquals(List.of(0, 0), assigned(next));
    assertTrue(group.isSubscribedTo("u2"));
  }

  @Test
  void expressionsThatAreNoneOrTooLargeAreRefused() {
    String deep = "(".repeat(9_999) + "a" + ")".repeat(9_999);
    for (String regex :
        List.of("(", "(((a{1000}){1000}){1000})", "a".repeat(30_000), ".?".repeat(9_000), deep)) {
      assertEquals(
          Errors.INVALID_REGULAR_EXPRESSION,
          error(ask(joining("a").setSubscribedTopicRegex(regex))),
          regex);
    }
    assertTrue(group.isEmpty());
  }

  @Test
  void theExpressionsOfAGroupAreBoundedTogether() {
    String large = ".?".repeat(1_500);
    assertEquals(Errors.NONE, error(ask(joining("a").setSubscribedTopicRegex(large))));

    assertEquals(
        Errors.INVALID_REGULAR_EXPRESSION,
        error(ask(joining("b").setSubscribedTopicRegex("x" + large))));
    assertEquals(Errors.NONE, error(ask(joining("b").setSubscribedTopicRegex(large))));
    assertEquals(
        Errors.NONE, error(ask(joining("c").setSubscribedTopicRegex("[a-z]{1,100}-(events|u)"))));
  }

  @Test
  void theAssignorThatMostWantIsTaken() {
    assertEquals(Errors.UNSUPPORTED_ASSIGNOR, error(ask(joining("a").setServerAssignor("sticky"))));
    ask(joining("a").setServerAssignor("range"));
    ask(joining("b"));

    DescribedGroup described = group.describeAll();
    assertEquals("range", described.assignorName());
    assertEquals(2, described.members().size());
    assertEquals(2, described.groupEpoch());
  }

  @Test
  void aFullGroupTakesNobodyIn() {
    ask(joining("a"));
    ask(joining("b"));
    ask(joining("c"));

    assertEquals(Errors.GROUP_MAX_SIZE_REACHED, error(ask(joining("d"))));
    assertEquals(Errors.NONE, error(ask(joining("a"))));
  }

  @Test
  void requestsThatAreNoneAreRefused() {
    for (ConsumerGroupHeartbeatRequestData wrong :
        List.of(
            joining("a").setGroupId(""),
            joining("a").setRebalanceTimeoutMs(-1),
            joining("a").setTopicPartitions(null),
            owning(joining("a"), 1),
            joining("a").setSubscribedTopicNames(null),
            joining("a").setInstanceId(""),
            joining("a").setRackId(" "),
            request("", 1),
            request("a", -2),
            request("a", -3))) {
      assertEquals(Errors.INVALID_REQUEST, error(ask(wrong)), wrong.toString());
    }
  }

  @Test
  void onlyMembersInTheirEpochCommitAndFetch() {
    assertEquals(Errors.NONE, group.validateCommit("", null, -1, nowMs));
    ask(joining("a"));

    assertEquals(Errors.NONE, group.validateCommit("a", null, 1, nowMs));
    assertEquals(Errors.STALE_MEMBER_EPOCH, group.validateCommit("a", null, 0, nowMs));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, group.validateCommit("", null, -1, nowMs));
    assertEquals(Errors.NONE, group.validateFetch(null, -1));
    assertEquals(Errors.NONE, group.validateFetch("a", 1));
    assertEquals(Errors.STALE_MEMBER_EPOCH, group.validateFetch("a", 2));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, group.validateFetch("b", 1));
  }

  @Test
  void whatAMemberHasHadAllAlongItCommitsAsOfAnEarlierEpochToo() {
    ask(joining("a"));
    ask(joining("b"));
    List<Integer> kept = assigned(ask(request("a", 1)));
    ask(owning(request("a", 1), kept.get(0), kept.get(1)));
    int given = assigned(ask(request("b", 2))).getFirst();
    topics.grow("t", 1);
    ask(request("a", 2));

    UUID topic = topics.id("t");
    assertTrue(group.mayStillCommit("a", 1, topic, kept.getFirst()));
    assertFalse(group.mayStillCommit("a", 0, topic, kept.getFirst()));
    assertFalse(group.mayStillCommit("a", 9, topic, kept.getFirst()));
    assertFalse(group.mayStillCommit("a", 1, topic, given));
    assertFalse(group.mayStillCommit("b", 1, topic, given));
  }

  @Test
  void anOperatorTakesMembersOutByTheirIdsOrTheirNames() {
    ask(joining("a"));
    ask(joining("b").setInstanceId("i"));

    assertEquals(
        List.of(Errors.FENCED_INSTANCE_ID, Errors.UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID),
        takeOut(named("a", "i"), named("x", null), named("", "j")));
    assertEquals(Errors.NONE, error(ask(request("a", 1))));
    assertEquals(List.of(Errors.NONE, Errors.NONE), takeOut(named("a", null), named("", "i")));

    assertTrue(group.isEmpty());
    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(ask(request("a", 1))));
  }

  private static MemberIdentity named(String memberId, @Nullable String instanceId) {
    return new MemberIdentity().setMemberId(memberId).setGroupInstanceId(instanceId);
  }

  private List<Errors> takeOut(MemberIdentity... members) {
    List<Errors> outcomes = new ArrayList<>();
    Effects effects = new Effects();
    group.leave(
        new LeaveGroupRequestData().setGroupId("g").setMembers(List.of(members)),
        nowMs,
        answer -> answer.members().forEach(each -> outcomes.add(Errors.forCode(each.errorCode()))),
        effects);
    carryOut(effects);
    return outcomes;
  }

  @Test
  void theLastOneLeavesAnEmptyGroupWhoseEpochRises() {
    ask(joining("a"));

    assertEquals(-1, ask(request("a", -1)).memberEpoch());

    assertEquals("Empty", group.state());
    assertTrue(group.isEmpty());
    assertEquals(List.of(0, 1, 2, 3), assigned(ask(joining("b"))));
    assertEquals(3, group.describeAll().groupEpoch());
    List<GroupRecord> removal = group.removal();
    ConsumerState state = group.inner();
    removal.forEach(each -> state.apply((ConsumerGroupRecord) each));
    assertTrue(state.isBlank());
  }
}
