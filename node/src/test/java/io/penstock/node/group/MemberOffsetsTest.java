package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.api.DataNode;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.node.group.consumer.ConsumerState;
import io.penstock.node.group.consumer.HeartbeatCall;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who commits and reads offsets, and what the others are told in which version. */
@Timeout(60)
class MemberOffsetsTest {

  private static final String GROUP = "consumers";
  private static final String NOBODY = "nobody";
  private static final String MEMBER = "member";

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;
  private OffsetCommits commits;
  private OffsetFetches fetches;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    node.registry.addRoleObserver(shards);
    commits = new OffsetCommits(shards, node.plane::image, 4_096);
    fetches = new OffsetFetches(shards, node.plane::image);
    node.createTopic("read", 1);
    node.createTopic(OffsetsTopic.NAME, 1);
    Awaitility.await().untilAsserted(() -> assertEquals(Errors.NONE, fetch(GROUP, null, -1)));
  }

  @AfterEach
  void close() throws Exception {
    shards.close();
    node.close();
  }

  @Test
  void whoIsAMemberOfNoGroupHearsThatAsItsVersionKnowsIt() throws Exception {
    assertEquals(Errors.ILLEGAL_GENERATION, commit(2, NOBODY, MEMBER, 1));
    assertEquals(Errors.ILLEGAL_GENERATION, commit(8, NOBODY, MEMBER, 1));
    assertEquals(Errors.GROUP_ID_NOT_FOUND, commit(9, NOBODY, MEMBER, 1));
    assertEquals(Errors.GROUP_ID_NOT_FOUND, commit(10, NOBODY, MEMBER, 0));
  }

  @Test
  void whoIsNoMemberCommitsInEveryVersionWhereThereIsNoGroup() throws Exception {
    for (int version = 2; version <= 10; version++) {
      assertEquals(Errors.NONE, commit(version, NOBODY, "", -1));
    }
  }

  @Test
  void membersCommitInTheirEpochAndInVersionsThatKnowOfEpochs() throws Exception {
    int epoch = joined();

    assertEquals(Errors.NONE, commit(9, GROUP, MEMBER, epoch));
    assertEquals(Errors.NONE, commit(10, GROUP, MEMBER, epoch));
    assertEquals(Errors.STALE_MEMBER_EPOCH, commit(9, GROUP, MEMBER, epoch - 1));
    assertEquals(Errors.STALE_MEMBER_EPOCH, commit(10, GROUP, MEMBER, epoch + 1));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, commit(9, GROUP, "another", epoch));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, commit(9, GROUP, "", -1));
    assertEquals(Errors.UNSUPPORTED_VERSION, commit(8, GROUP, MEMBER, epoch));
    assertEquals(Errors.UNSUPPORTED_VERSION, commit(8, GROUP, MEMBER, epoch - 1));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, commit(8, GROUP, "another", epoch));
  }

  @Test
  void membersReadInTheirEpochAndOthersOnlyAsNobody() throws Exception {
    int epoch = joined();

    assertEquals(Errors.NONE, fetch(GROUP, MEMBER, epoch));
    assertEquals(Errors.NONE, fetch(GROUP, null, -1));
    assertEquals(Errors.STALE_MEMBER_EPOCH, fetch(GROUP, MEMBER, epoch - 1));
    assertEquals(Errors.STALE_MEMBER_EPOCH, fetch(GROUP, MEMBER, epoch + 1));
    assertEquals(Errors.STALE_MEMBER_EPOCH, fetch(GROUP, MEMBER, -1));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, fetch(GROUP, "another", epoch));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, fetch(GROUP, null, epoch));
    assertEquals(Errors.NONE, fetch(NOBODY, MEMBER, epoch));
  }

  /** The epoch of the one member. */
  private int joined() throws Exception {
    ConsumerSettings settings =
        ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard());
    HeartbeatCall call =
        new HeartbeatCall(
            new ConsumerGroupHeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(MEMBER)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(10_000)
                .setSubscribedTopicNames(List.of("read"))
                .setTopicPartitions(List.of()),
            "client",
            "/host",
            "");
    CompletableFuture<ConsumerGroupHeartbeatResponseData> joined = new CompletableFuture<>();
    shards.<ConsumerGroupHeartbeatResponseData>ask(
        GROUP,
        (groups, nowMs, reply, effects) -> {
          ConsumerGroup group =
              new ConsumerGroup(
                  new ConsumerState(GROUP), settings, new ImageTopics(node.plane::image), nowMs);
          groups.put(group);
          group.heartbeat(call, nowMs, reply, effects);
        },
        error -> new ConsumerGroupHeartbeatResponseData().setErrorCode(error.code()),
        joined::complete);
    ConsumerGroupHeartbeatResponseData answer = joined.get(30, TimeUnit.SECONDS);
    assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
    return answer.memberEpoch();
  }

  private Errors commit(int version, String groupId, String memberId, int epoch) throws Exception {
    OffsetCommitRequestTopic topic =
        new OffsetCommitRequestTopic()
            .setName("read")
            .setTopicId(DataNode.kafkaIdOf("read"))
            .setPartitions(
                List.of(
                    new OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(5)));
    OffsetCommitResponseData answer =
        commits
            .commit(
                new OffsetCommitRequestData()
                    .setGroupId(groupId)
                    .setMemberId(memberId)
                    .setGenerationIdOrMemberEpoch(epoch)
                    .setTopics(List.of(topic)),
                version)
            .get(30, TimeUnit.SECONDS);
    return Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
  }

  private Errors fetch(String groupId, @Nullable String memberId, int epoch) throws Exception {
    OffsetFetchResponseGroup answer =
        fetches
            .fetch(
                new OffsetFetchRequestGroup()
                    .setGroupId(groupId)
                    .setMemberId(memberId)
                    .setMemberEpoch(epoch)
                    .setTopics(
                        List.of(
                            new OffsetFetchRequestTopics()
                                .setName("read")
                                .setPartitionIndexes(List.of(0)))),
                false)
            .get(30, TimeUnit.SECONDS);
    return Errors.forCode(answer.errorCode());
  }
}
