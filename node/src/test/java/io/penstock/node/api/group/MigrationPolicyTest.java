package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ManualLoop;
import io.penstock.node.api.RecordedContext;
import io.penstock.node.api.WireExchange;
import io.penstock.node.config.NodeConfig.Migration;
import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.assign.TopicSpec;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.node.group.consumer.TopicCatalog;
import io.penstock.node.group.effect.Group;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a group with members when one of the other protocol comes, or the last goes. */
final class MigrationPolicyTest {

  private static final String TOPIC = "t";
  private static final UUID TOPIC_ID = new UUID(1, 2);
  private static final int PARTITIONS = 2;

  private final ManualLoop loop = new ManualLoop();
  private final ShardInMemory shard = new ShardInMemory();
  private final ClassicSettings classic = ClassicSettings.standard().withInitialRebalanceDelayMs(0);
  private final JoinGroupHandler join = new JoinGroupHandler(shard, classic);
  private final SyncGroupHandler sync = new SyncGroupHandler(shard);
  private final HeartbeatHandler heartbeat = new HeartbeatHandler(shard);

  @ParameterizedTest
  @EnumSource(Migration.class)
  void aClassicGroupIsUpgradedByTheFirstOtherMemberOrTurnsItAway(Migration policy)
      throws Exception {
    String member = classicMember();

    Errors joined = error(consumerHeartbeat(policy, 0));

    assertEquals(policy.mayUpgrade() ? Errors.NONE : Errors.GROUP_ID_NOT_FOUND, joined);
    assertEquals(policy.mayUpgrade() ? "consumer" : "classic", group().type());
    assertEquals(
        policy.mayUpgrade() ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE,
        classicHeartbeat(member, 1));
  }

  @ParameterizedTest
  @EnumSource(Migration.class)
  void aGroupWithoutMembersChangesItsProtocolWhateverThePolicy(Migration policy) throws Exception {
    assertEquals(Errors.NONE, error(consumerHeartbeat(policy, 0)));
    consumerHeartbeat(policy, -1);
    assertEquals("consumer", group().type());

    assertEquals(Errors.NONE.code(), classicJoin("").errorCode());

    assertEquals("classic", group().type());
  }

  @ParameterizedTest
  @EnumSource(Migration.class)
  void aGroupIsDowngradedWithoutItsLastOtherMemberOrKeepsItsClassicOnes(Migration policy)
      throws Exception {
    assertEquals(Errors.NONE, error(consumerHeartbeat(policy, 0)));
    JoinGroupResponseData joined = classicJoin("");
    assertEquals(Errors.NONE.code(), joined.errorCode());
    assertEquals("consumer", group().type());

    consumerHeartbeat(policy, -1);

    String member = joined.memberId();
    assertEquals(policy.mayDowngrade() ? "classic" : "consumer", group().type());
    assertEquals(Errors.REBALANCE_IN_PROGRESS, classicHeartbeat(member, joined.generationId()));
    JoinGroupResponseData again = classicJoin(member);
    assertEquals(policy.mayDowngrade() ? member : "", again.leader());
    if (!policy.mayDowngrade()) {
      assertEquals(PARTITIONS, assigned(classicSync(again, null)));
    }
    assertEquals(policy.mayDowngrade() ? "classic" : "consumer", group().type());
  }

  @ParameterizedTest
  @EnumSource(Migration.class)
  void whereMemoryIsUsedUpAStaticMemberMayStillChangeItsProtocol(Migration policy)
      throws Exception {
    assignAllTo(classicJoin(5, "", "static"));
    shard.fill();

    assertEquals(
        Errors.COORDINATOR_NOT_AVAILABLE,
        error(consumerHeartbeat(policy, joining().setInstanceId("another"), 0)));
    Errors joined = error(consumerHeartbeat(policy, joining().setInstanceId("static"), 0));

    assertEquals(policy.mayUpgrade() ? Errors.NONE : Errors.GROUP_ID_NOT_FOUND, joined);
    assertEquals(policy.mayUpgrade() ? "consumer" : "classic", group().type());
  }

  @ParameterizedTest
  @EnumSource(Migration.class)
  void whereMemoryIsUsedUpAStaticMemberWhosePlaceIsTakenIsStillFenced(Migration policy)
      throws Exception {
    assertEquals(
        Errors.NONE, error(consumerHeartbeat(policy, joining().setInstanceId("static"), 0)));
    shard.fill();

    assertEquals(Errors.FENCED_INSTANCE_ID, refusal("former", "static"));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, refusal("former", "another"));
    assertEquals(Errors.COORDINATOR_NOT_AVAILABLE, refusal("former", null));
  }

  private Errors refusal(String memberId, @Nullable String instanceId) throws Exception {
    return Errors.forCode(classicJoin(5, memberId, instanceId).errorCode());
  }

  /** One that has everything. */
  private String classicMember() throws Exception {
    JoinGroupResponseData joined = classicJoin("");
    assignAllTo(joined);
    return joined.memberId();
  }

  private void assignAllTo(JoinGroupResponseData joined) throws Exception {
    List<TopicPartition> all = List.of(new TopicPartition(TOPIC, 0), new TopicPartition(TOPIC, 1));
    SyncGroupResponseData synced =
        classicSync(joined, bytes(ConsumerProtocol.serializeAssignment(new Assignment(all))));
    assertEquals(PARTITIONS, assigned(synced));
  }

  private JoinGroupResponseData classicJoin(String memberId) throws Exception {
    return classicJoin(3, memberId, null);
  }

  private JoinGroupResponseData classicJoin(
      int version, String memberId, @Nullable String instanceId) throws Exception {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(20_000);
    request
        .protocols()
        .add(
            new JoinGroupRequestProtocol()
                .setName("range")
                .setMetadata(
                    bytes(
                        ConsumerProtocol.serializeSubscription(new Subscription(List.of(TOPIC))))));
    return ask(join, version, request, JoinGroupResponseData.class);
  }

  private SyncGroupResponseData classicSync(
      JoinGroupResponseData joined, byte @Nullable [] assignment) throws Exception {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(joined.memberId())
            .setGenerationId(joined.generationId());
    if (assignment != null) {
      request
          .assignments()
          .add(
              new SyncGroupRequestAssignment()
                  .setMemberId(joined.memberId())
                  .setAssignment(assignment));
    }
    return ask(sync, 3, request, SyncGroupResponseData.class);
  }

  private Errors classicHeartbeat(String memberId, int generation) throws Exception {
    HeartbeatRequestData request =
        new HeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGenerationId(generation);
    return Errors.forCode(ask(heartbeat, 4, request, HeartbeatResponseData.class).errorCode());
  }

  private ConsumerGroupHeartbeatResponseData consumerHeartbeat(Migration policy, int epoch)
      throws Exception {
    return consumerHeartbeat(
        policy, epoch == 0 ? joining() : new ConsumerGroupHeartbeatRequestData(), epoch);
  }

  private ConsumerGroupHeartbeatResponseData consumerHeartbeat(
      Migration policy, ConsumerGroupHeartbeatRequestData request, int epoch) throws Exception {
    request.setGroupId("g").setMemberId("other").setMemberEpoch(epoch);
    ConsumerGroupHeartbeatHandler handler = new ConsumerGroupHeartbeatHandler(shard, kinds(policy));
    return ask(handler, 1, request, ConsumerGroupHeartbeatResponseData.class);
  }

  private static ConsumerGroupHeartbeatRequestData joining() {
    return new ConsumerGroupHeartbeatRequestData()
        .setRebalanceTimeoutMs(20_000)
        .setSubscribedTopicNames(List.of(TOPIC))
        .setTopicPartitions(List.of());
  }

  private GroupKinds kinds(Migration policy) {
    ConsumerSettings settings =
        ConsumerSettings.standard(List.of(new UniformAssignor()), classic)
            .limitedBy(
                _ -> new ConsumerSettings.Times(45_000, 5_000),
                Integer.MAX_VALUE,
                new ConsumerSettings.Migration(
                    policy.mayUpgrade(), policy.mayDowngrade(), classic));
    return new GroupKinds(classic, settings, new OneTopic());
  }

  private <T extends ApiMessage> T ask(
      ApiHandler handler, int version, ApiMessage request, Class<T> type) throws Exception {
    return WireExchange.ask(loop, new RecordedContext(loop, version), handler, request, type);
  }

  private Group group() {
    Group group = shard.find("g");
    assertNotNull(group);
    return group;
  }

  private static Errors error(ConsumerGroupHeartbeatResponseData answer) {
    return Errors.forCode(answer.errorCode());
  }

  private static int assigned(SyncGroupResponseData answer) {
    assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
    return ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment()))
        .partitions()
        .size();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** The one topic that there is. */
  private static final class OneTopic implements TopicCatalog {

    @Override
    public @Nullable CatalogTopic topic(String name) {
      return name.equals(TOPIC)
          ? new CatalogTopic(TOPIC, TopicSpec.of(TOPIC_ID, PARTITIONS))
          : null;
    }

    @Override
    public @Nullable String nameOf(UUID id) {
      return Map.of(TOPIC_ID, TOPIC).get(id);
    }

    @Override
    public Collection<String> names() {
      return List.of(TOPIC);
    }

    @Override
    public Object version() {
      return 1;
    }

    @Override
    public Object namesVersion() {
      return 1;
    }
  }
}
