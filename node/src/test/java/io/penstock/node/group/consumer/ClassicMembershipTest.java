package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.effect.Effects;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A member of the classic protocol that has a group of the consumer protocol for itself. */
final class ClassicMembershipTest {

  private final SomeTopics topics = new SomeTopics();
  private final ConsumerGroup group =
      new ConsumerGroup(
          new ConsumerState("g"),
          ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard())
              .limitedBy(
                  _ -> new ConsumerSettings.Times(45_000, 5_000),
                  10,
                  new ConsumerSettings.Migration(true, false, ClassicSettings.standard())),
          topics,
          0);
  private long nowMs = 1_000;

  @BeforeEach
  void createTopic() {
    topics.create("t", 4);
  }

  @Test
  void isCalledToJoinWhenThereAreMorePartitions() {
    JoinGroupResponseData joined = join("");
    assertEquals(4, assigned(joined));
    assertEquals(Errors.NONE, heartbeat(joined));

    topics.grow("t", 2);

    assertEquals(Errors.REBALANCE_IN_PROGRESS, heartbeat(joined));
    assertEquals(6, assigned(join(joined.memberId())));
  }

  @Test
  void isGivenUpWhereItDoesNotJoinInTime() {
    JoinGroupResponseData joined = join("");
    topics.grow("t", 2);
    heartbeat(joined);
    nowMs += 7_000;
    heartbeat(joined);
    nowMs += 7_000;

    run(effects -> group.tick(nowMs, effects));

    assertEquals(Errors.UNKNOWN_MEMBER_ID, heartbeat(joined));
    assertEquals("Empty", group.state());
  }

  private JoinGroupResponseData join(String memberId) {
    ByteBuffer subscription =
        ConsumerProtocol.serializeSubscription(new Subscription(List.of("t")));
    byte[] metadata = new byte[subscription.remaining()];
    subscription.get(metadata);
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(12_000);
    request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
    List<JoinGroupResponseData> answers = new ArrayList<>();
    JoinCall call = new JoinCall(request, false, true, "client", "/host", "new");
    run(effects -> group.join(call, nowMs, answers::add, effects));
    assertEquals(Errors.NONE, Errors.forCode(answers.getFirst().errorCode()));
    return answers.getFirst();
  }

  private Errors heartbeat(JoinGroupResponseData joined) {
    List<Errors> answers = new ArrayList<>();
    HeartbeatRequestData request =
        new HeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(joined.memberId())
            .setGenerationId(joined.generationId());
    run(effects ->
        answers.add(Errors.forCode(group.heartbeat(request, nowMs, effects).errorCode())));
    return answers.getFirst();
  }

  private int assigned(JoinGroupResponseData joined) {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(joined.memberId())
            .setGenerationId(joined.generationId());
    List<SyncGroupResponseData> answers = new ArrayList<>();
    run(effects -> group.sync(request, nowMs, answers::add, effects));
    assertEquals(Errors.NONE, Errors.forCode(answers.getFirst().errorCode()));
    return ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answers.getFirst().assignment()))
        .partitions()
        .size();
  }

  private void run(Consumer<Effects> event) {
    Effects effects = new Effects();
    event.accept(effects);
    effects.answers().forEach(Runnable::run);
    effects.stored().forEach(each -> each.ended(Errors.NONE, nowMs, new Effects()));
  }
}
