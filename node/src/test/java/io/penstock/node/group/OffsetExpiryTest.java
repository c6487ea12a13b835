package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.api.DataNode;
import io.penstock.node.config.NodeConfig.Offsets;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.GroupSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Offsets whose client has named their end, in the shards of a node that is alone. */
@Timeout(60)
class OffsetExpiryTest {

  private static final int PARTITIONS = 1_100;
  private static final long KEPT = -1;
  private static final long HOUR_MS = 3_600_000;

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;
  private OffsetExpiry expiry;
  private OffsetCommits commits;
  private OffsetFetches fetches;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    node.registry.addRoleObserver(shards);
    expiry = new OffsetExpiry(shards, node.plane::image, Offsets.FOREVER);
    commits = new OffsetCommits(shards, node.plane::image, 4_096);
    fetches = new OffsetFetches(shards, node.plane::image);
    node.createTopic("read", PARTITIONS);
    node.createTopic(OffsetsTopic.NAME, 2);
    Awaitility.await().untilAsserted(() -> assertEquals(0, offsets()));
  }

  @AfterEach
  void close() throws Exception {
    expiry.close();
    shards.close();
    node.close();
  }

  @Test
  void offsetsOfATopicThatIsReadDoNotExpire() throws Exception {
    commitWithoutRetention(1);
    change((groups, nowMs, reply, effects) -> {
      groups.put(ClassicGroup.restore(groupOfOne(), ClassicSettings.standard(), nowMs));
      effects.answer(reply, Errors.NONE);
    });
    expiry.sweep();
    assertEquals(1, offsets());

    change((groups, nowMs, reply, effects) -> {
      groups.remove("g");
      effects.answer(reply, Errors.NONE);
    });
    expiry.sweep();

    assertEquals(0, offsets());
  }

  @Test
  void offsetsOfATopicThatExistsStayUnlessAnOperatorWantsThemToGo() throws Exception {
    commit(1, KEPT);
    expiry.sweep();
    assertEquals(1, offsets());

    sweepAfter(Duration.ZERO);

    assertEquals(0, offsets());
  }

  @Test
  void offsetsThatAMemberReadsByStayHoweverOldTheyAre() throws Exception {
    commit(1, KEPT);
    change((groups, nowMs, reply, effects) -> {
      groups.put(ClassicGroup.restore(groupOfOne(), ClassicSettings.standard(), nowMs));
      effects.answer(reply, Errors.NONE);
    });

    sweepAfter(Duration.ZERO);

    assertEquals(1, offsets());
  }

  @Test
  void membersAreNotAskedWhatTheyReadWhereOffsetsAreKeptAnyway() throws Exception {
    commit(3, KEPT);
    AskedGroup group = new AskedGroup("g", "read");
    change((groups, nowMs, reply, effects) -> {
      groups.put(group);
      effects.answer(reply, Errors.NONE);
    });

    expiry.sweep();

    assertEquals(3, offsets());
    assertEquals(List.of(), group.asked);
  }

  @Test
  void theTimeOfAGroupsOffsetsBeginsWhenItsLastMemberLeaves() throws Exception {
    commit(1, KEPT);
    change((groups, nowMs, reply, effects) -> {
      groups.put(new ClassicGroup("g", ClassicSettings.standard(), nowMs + HOUR_MS));
      effects.answer(reply, Errors.NONE);
    });

    sweepAfter(Duration.ZERO);

    assertEquals(1, offsets());
  }

  private void sweepAfter(Duration retention) {
    try (OffsetExpiry other = new OffsetExpiry(shards, node.plane::image, retention)) {
      other.sweep();
    }
  }

  @Test
  void moreThanOneStepTakesAwayGoesInSeveral() throws Exception {
    commitWithoutRetention(PARTITIONS);

    expiry.sweep();

    Awaitility.await().untilAsserted(() -> assertEquals(0, offsets()));
  }

  /** A consumer whose subscription cannot be read, so that it may read any topic. */
  private static GroupSnapshot groupOfOne() {
    GroupSnapshot.Member member =
        new GroupSnapshot.Member("m", null, "c", "/h", 60_000, 60_000, new byte[1], new byte[1]);
    return new GroupSnapshot("g", "consumer", 1, "range", "m", DataNode.NOW_MS, List.of(member));
  }

  private void change(GroupEvent<Errors> event) throws Exception {
    CompletableFuture<Errors> done = new CompletableFuture<>();
    shards.<Errors>ask("g", event, error -> error, done::complete);
    assertEquals(Errors.NONE, done.get(30, TimeUnit.SECONDS));
  }

  private void commitWithoutRetention(int partitions) throws Exception {
    commit(partitions, 0);
  }

  private void commit(int partitions, long retentionMs) throws Exception {
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName("read");
    for (int i = 0; i < partitions; i++) {
      topic.partitions().add(new OffsetCommitRequestPartition().setPartitionIndex(i));
    }
    OffsetCommitResponseData answer =
        commits
            .commit(
                new OffsetCommitRequestData()
                    .setGroupId("g")
                    .setRetentionTimeMs(retentionMs)
                    .setTopics(List.of(topic)),
                9)
            .get(30, TimeUnit.SECONDS);
    assertEquals(0, answer.topics().getFirst().partitions().getFirst().errorCode());
    assertEquals(partitions, offsets());
  }

  private int offsets() throws Exception {
    OffsetFetchResponseGroup answer =
        fetches
            .fetch(new OffsetFetchRequestGroup().setGroupId("g").setTopics(null), false)
            .get(30, TimeUnit.SECONDS);
    assertEquals(0, answer.errorCode());
    return answer.topics().stream().mapToInt(topic -> topic.partitions().size()).sum();
  }
}
