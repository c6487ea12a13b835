package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who of the classic protocol may join a group of the consumer protocol, and with how much. */
final class JoinsOfClassicMembersTest {

  private static final int TOPICS_MAX = 10;

  private final SomeTopics topics = new SomeTopics();
  private final ConsumerSettings settings =
      new ConsumerSettings(
          _ -> new ConsumerSettings.Times(45_000, 5_000),
          100,
          List.of(new UniformAssignor()),
          TOPICS_MAX,
          5_000,
          new ConsumerSettings.Migration(true, false, ClassicSettings.standard()));
  private final ConsumerGroup group =
      new ConsumerGroup(new ConsumerState("g"), settings, topics, 0);

  @BeforeEach
  void createTopic() {
    topics.create("t", 4);
  }

  private JoinGroupResponseData join(String memberId, List<String> names, int userBytes) {
    ByteBuffer metadata =
        ConsumerProtocol.serializeSubscription(
            new Subscription(names, ByteBuffer.allocate(userBytes)));
    byte[] bytes = new byte[metadata.remaining()];
    metadata.get(bytes);
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(10_000);
    request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(bytes));
    List<JoinGroupResponseData> answers = new ArrayList<>();
    Effects effects = new Effects();
    group.join(
        new JoinCall(request, true, true, "client", "/host", "fresh"),
        1_000,
        answers::add,
        effects);
    effects.answers().forEach(Runnable::run);
    effects.stored().forEach(each -> each.ended(Errors.NONE, 1_000, new Effects()));
    assertEquals(1, answers.size());
    return answers.getFirst();
  }

  private Errors error(String memberId, List<String> names, int userBytes) {
    return Errors.forCode(join(memberId, names, userBytes).errorCode());
  }

  @Test
  void idsThatWereNeverGivenAreNotTakenWhereTheyAreLong() {
    String longest = "m".repeat(GroupLimits.MEMBER_ID_CHARS_MAX);

    assertEquals(Errors.NONE, error(longest, List.of("t"), 0));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, error(longest + "m", List.of("t"), 0));
    assertEquals(1, group.inner().size());
  }

  @Test
  void moreTopicsThanAMemberMayNameAreRefused() {
    List<String> most = IntStream.range(0, TOPICS_MAX).mapToObj(each -> "t" + each).toList();
    List<String> more = IntStream.rangeClosed(0, TOPICS_MAX).mapToObj(each -> "t" + each).toList();

    assertEquals(Errors.NONE, error("m", most, 0));
    assertEquals(Errors.GROUP_MAX_SIZE_REACHED, error("n", more, 0));
  }

  @Test
  void whoIsInAGroupThatIsAlmostFullJoinsAgain() {
    assertEquals(Errors.NONE, error("m", List.of("t"), 3_000));

    assertEquals(Errors.NONE, error("m", List.of("t"), 3_000));
    assertEquals(Errors.GROUP_MAX_SIZE_REACHED, error("n", List.of("t"), 3_000));
    assertEquals(Errors.GROUP_MAX_SIZE_REACHED, error("m", List.of("t"), 6_000));
    assertEquals(Errors.NONE, error("m", List.of("t"), 10));
    assertEquals(Errors.NONE, error("n", List.of("t"), 3_000));
  }
}
