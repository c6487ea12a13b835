package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whether a group has room for what a member says: here for 1000 bytes, a name or two. */
final class HeartbeatChecksTest {

  private final ConsumerSettings settings =
      new ConsumerSettings(
          _ -> new ConsumerSettings.Times(45_000, 5_000),
          100,
          List.of(new UniformAssignor()),
          10,
          1_000,
          new ConsumerSettings.Migration(false, false, ClassicSettings.standard()));
  private final ConsumerState state = new ConsumerState("g");

  private static HeartbeatCall call(
      String memberId, @Nullable Integer nameChars, @Nullable String regex) {
    ConsumerGroupHeartbeatRequestData request =
        new ConsumerGroupHeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setInstanceId("instance-of-" + memberId.charAt(0))
            .setSubscribedTopicNames(nameChars == null ? null : List.of("t".repeat(nameChars)))
            .setSubscribedTopicRegex(regex);
    return new HeartbeatCall(request, "client", "/host", "");
  }

  private @Nullable Refusal room(String memberId, @Nullable Integer nameChars, String regex) {
    return HeartbeatChecks.room(state, call(memberId, nameChars, regex), settings);
  }

  private void join(String memberId, int nameChars) {
    state.apply(
        new ConsumerGroupRecord.Member(
            "g", memberId, call(memberId, nameChars, null).described(null)));
  }

  @Test
  void whoSaysAgainWhatItSaidNeedsNoRoom() {
    join("a", 700);

    assertNull(room("a", 700, ""));
    assertNull(room("a", 800, ""));
    assertNotNull(room("a", 1_000, ""));
    assertNull(room("a-after-restart", 700, ""));
  }

  @Test
  void whoIsInAGroupThatIsTooLargeStaysIn() {
    join("a", 700);
    join("b", 700);

    assertNull(room("a", 700, ""));
    assertNull(room("a", 600, ""));
    assertNotNull(room("a", 701, ""));
  }

  @Test
  void expressionsNeedRoomAsNamesDo() {
    join("a", 400);

    assertNull(room("b", 300, ""));
    Refusal refusal = room("b", 300, "x".repeat(200));
    assertNotNull(refusal);
    assertEquals(Errors.GROUP_MAX_SIZE_REACHED.code(), refusal.answer().errorCode());
    assertNotNull(room("a", null, "x".repeat(600)));
  }
}
