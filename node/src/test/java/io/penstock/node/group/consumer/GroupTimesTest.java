package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.Effects;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A group whose times are changed while it has a member. */
final class GroupTimesTest {

  private ConsumerSettings.Times times = new ConsumerSettings.Times(45_000, 5_000);
  private final ConsumerGroup group =
      new ConsumerGroup(
          new ConsumerState("g"),
          ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard())
              .limitedBy(
                  _ -> times,
                  10,
                  new ConsumerSettings.Migration(true, true, ClassicSettings.standard())),
          new SomeTopics(),
          0);
  private long nowMs = 1_000;

  @Test
  void itGoesByThemFromTheNextHeartbeatOn() {
    ask(
        request(0)
            .setRebalanceTimeoutMs(10_000)
            .setSubscribedTopicNames(List.of("t"))
            .setTopicPartitions(List.of()));
    times = new ConsumerSettings.Times(15_000, 2_000);

    assertEquals(2_000, ask(request(1)).heartbeatIntervalMs());

    nowMs += 15_000;
    group.tick(nowMs, new Effects());
    assertFalse(group.has("a"));
  }

  private static ConsumerGroupHeartbeatRequestData request(int epoch) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId("g")
        .setMemberId("a")
        .setMemberEpoch(epoch);
  }

  private ConsumerGroupHeartbeatResponseData ask(ConsumerGroupHeartbeatRequestData request) {
    List<ConsumerGroupHeartbeatResponseData> answers = new ArrayList<>();
    Effects effects = new Effects();
    group.heartbeat(
        new HeartbeatCall(request, "client", "/host", ""), nowMs, answers::add, effects);
    effects.answers().forEach(Runnable::run);
    effects.stored().forEach(each -> each.ended(Errors.NONE, nowMs, new Effects()));
    return answers.getFirst();
  }
}
