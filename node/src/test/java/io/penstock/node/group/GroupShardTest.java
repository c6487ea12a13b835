package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.DataNode;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One shard on a thread of its own, at the time that the test says. */
@Timeout(60)
final class GroupShardTest {

  private static final int SESSION_MS = 1;

  /** Long after a timer of the shard, which is always set to the next millisecond here. */
  private static final long LATER_MS = 50;

  @TempDir private Path directory;
  private final AtomicBoolean cutOff = new AtomicBoolean();
  private final AtomicLong nowMs = new AtomicLong(1_000);
  private final CoordinatorThread thread = new CoordinatorThread("test-groups");
  private DataNode node;
  private GroupShard shard;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    node.createTopic(OffsetsTopic.NAME, 1);
    var replica = node.replica(OffsetsTopic.NAME, 0);
    shard =
        new GroupShard(
            new ShardLog(
                replica,
                replica.leaderEpoch(),
                cutOff::get,
                () -> DataNode.NOW_MS,
                thread.batches()),
            new GroupShard.Services(
                thread,
                nowMs::get,
                new CoordinatorMemory(Long.MAX_VALUE),
                new GroupMetrics(node.metrics),
                _ -> Assertions.fail("the shard is broken")));
    ShardState state = ShardState.empty();
    state.groups().put(groupOfOne());
    shard.loaded(state);
  }

  @AfterEach
  void close() throws Exception {
    shard.close(Errors.NOT_COORDINATOR);
    thread.close();
    node.close();
  }

  @Test
  void nobodyIsTakenOutForSilenceThatTheCoordinatorItselfCaused() throws Exception {
    cutOff.set(true);
    assertEquals(Errors.NOT_COORDINATOR, refusal());
    nowMs.set(60_000);
    awaitTick();

    cutOff.set(false);

    assertTrue(hasMembers());
    nowMs.addAndGet(SESSION_MS);
    Awaitility.await().untilAsserted(() -> assertFalse(hasMembers()));
  }

  private static Group groupOfOne() {
    GroupSnapshot.Member member =
        new GroupSnapshot.Member(
            "m", null, "c", "/h", SESSION_MS, SESSION_MS, new byte[0], new byte[0]);
    GroupSnapshot snapshot =
        new GroupSnapshot("g", "consumer", 1, "range", "m", 1_000, List.of(member));
    return ClassicGroup.restore(snapshot, ClassicSettings.standard(), 1_000);
  }

  private boolean hasMembers() throws Exception {
    return ask().get(30, TimeUnit.SECONDS);
  }

  private Errors refusal() throws Exception {
    return ask()
        .handle((_, refused) ->
            refused == null ? Errors.NONE : ShardUnavailableException.errorOf(refused))
        .get(30, TimeUnit.SECONDS);
  }

  private CompletableFuture<Boolean> ask() {
    return GroupShards.submit(
        shard,
        (state, _, reply, effects) -> {
          Group group = state.groups().find("g");
          effects.effects().answer(reply, group != null && !group.isEmpty());
        });
  }

  /** What was due before this has happened when it returns. */
  private void awaitTick() throws Exception {
    CountDownLatch ticked = new CountDownLatch(1);
    var _ = thread.schedule(LATER_MS, ticked::countDown);
    assertTrue(ticked.await(30, TimeUnit.SECONDS));
  }
}
