package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.ManualLoop;
import io.penstock.node.api.RecordedContext;
import io.penstock.node.api.WireExchange;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.effect.GroupRecord;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** First members of groups of the consumer protocol, from bytes to bytes. */
final class ConsumerGroupHeartbeatHandlerTest {

  private static final String NO_EXPRESSION = "(";

  private final ManualLoop loop = new ManualLoop();
  private final ShardInMemory shard = new ShardInMemory();
  private final ConsumerGroupHeartbeatHandler handler =
      new ConsumerGroupHeartbeatHandler(shard, OfNoTopics.kinds());

  @Test
  void aJoinThatIsRefusedMakesNoGroup() throws Exception {
    assertEquals(Errors.INVALID_REGULAR_EXPRESSION, join(NO_EXPRESSION));

    assertTrue(shard.all().isEmpty());
  }

  @Test
  void aJoinThatIsRefusedTakesNoClassicGroupAway() throws Exception {
    ClassicGroup before = classicGroup();

    assertEquals(Errors.INVALID_REGULAR_EXPRESSION, join(NO_EXPRESSION));

    assertSame(before, shard.find("g"));
    assertEquals(List.of(), shard.log());
  }

  @Test
  void aClassicGroupWithoutMembersGivesItsNameAway() throws Exception {
    classicGroup();

    assertEquals(Errors.NONE, join("t.*"));

    assertInstanceOf(ConsumerGroup.class, shard.find("g"));
    assertEquals(new GroupRecord.Removed("g"), shard.log().getFirst());
  }

  @Test
  void whatTheLogDoesNotTakeHasNotHappened() throws Exception {
    shard.refuseAppends(Errors.NOT_COORDINATOR);
    assertEquals(Errors.NOT_COORDINATOR, join("t.*"));
    assertTrue(shard.all().isEmpty());
    ClassicGroup before = classicGroup();

    assertEquals(Errors.NOT_COORDINATOR, join("t.*"));

    assertSame(before, shard.find("g"));
  }

  @Test
  void whereMemoryIsUsedUpAStaticMemberTakesItsPlaceAgain() throws Exception {
    assertEquals(Errors.NONE, heartbeat(joining("first").setInstanceId("static")));
    assertEquals(
        Errors.NONE,
        heartbeat(
            new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g")
                .setMemberId("first")
                .setInstanceId("static")
                .setMemberEpoch(-2)));
    shard.fill();

    assertEquals(
        Errors.COORDINATOR_NOT_AVAILABLE, heartbeat(joining("second").setInstanceId("another")));
    assertEquals(Errors.NONE, heartbeat(joining("second").setInstanceId("static")));
  }

  private ClassicGroup classicGroup() {
    ClassicGroup group = new ClassicGroup("g", ClassicSettings.standard(), ShardInMemory.NOW_MS);
    shard.put(group);
    return group;
  }

  private Errors join(String expression) throws Exception {
    return heartbeat(joining("m").setSubscribedTopicRegex(expression));
  }

  private static ConsumerGroupHeartbeatRequestData joining(String memberId) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId("g")
        .setMemberId(memberId)
        .setMemberEpoch(0)
        .setRebalanceTimeoutMs(60_000)
        .setTopicPartitions(List.of())
        .setSubscribedTopicNames(List.of("t"));
  }

  private Errors heartbeat(ConsumerGroupHeartbeatRequestData request) throws Exception {
    ConsumerGroupHeartbeatResponseData answer =
        WireExchange.ask(
            loop,
            new RecordedContext(loop, 1),
            handler,
            request,
            ConsumerGroupHeartbeatResponseData.class);
    return Errors.forCode(answer.errorCode());
  }
}
