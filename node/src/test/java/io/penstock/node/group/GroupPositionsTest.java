package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.api.DataNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found of groups that a shard gives away in several steps. */
@Timeout(60)
class GroupPositionsTest {

  private static final int LARGE = PositionWalk.STEP * 2 / 3;

  @TempDir private Path directory;
  private DataNode node;
  private GroupShards shards;

  @BeforeEach
  void lead() throws Exception {
    node = new DataNode(directory);
    shards = node.groupShards(() -> false);
    node.registry.addRoleObserver(shards);
    node.createTopic(OffsetsTopic.NAME, 1);
    Awaitility.await().untilAsserted(() -> assertEquals(Errors.NONE, commit("small", 1)));
  }

  @AfterEach
  void close() throws Exception {
    shards.close();
    node.close();
  }

  @Test
  void groupsThatDoNotFitIntoAStepAreReadToTheirEnds() throws Exception {
    for (String groupId : List.of("g", "h", "i")) {
      assertEquals(Errors.NONE, commit(groupId, LARGE));
    }

    GroupPositions.Found found = new GroupPositions(shards).read(200_000);

    assertEquals(1 + 3 * LARGE, found.positions().size());
    assertEquals(1 + 3 * LARGE, new HashSet<>(found.positions()).size());
    assertEquals(0, found.leftOut());
  }

  @Test
  void aGroupOfSeveralStepsIsReadToItsEnd() throws Exception {
    assertEquals(Errors.NONE, commit("g", 4 * LARGE));

    GroupPositions.Found found = new GroupPositions(shards).read(200_000);

    assertEquals(1 + 4 * LARGE, new HashSet<>(found.positions()).size());
    assertEquals(0, found.leftOut());
  }

  @Test
  void noMoreAreReadThanAskedForAndTheRestIsCounted() throws Exception {
    assertEquals(Errors.NONE, commit("g", 4 * LARGE));

    GroupPositions.Found found = new GroupPositions(shards).read(3 * LARGE);

    assertEquals(3 * LARGE, found.positions().size());
    assertEquals(1 + LARGE, found.leftOut());
  }

  @Test
  void allIsCountedThoughNothingIsAskedFor() throws Exception {
    GroupPositions.Found found = new GroupPositions(shards).read(0);

    assertEquals(List.of(), found.positions());
    assertEquals(1, found.leftOut());
  }

  private Errors commit(String groupId, int partitions) throws Exception {
    return shards
        .<Errors>submit(
            groupId,
            (state, _, reply, effects) -> {
              Commits.apply(state, groupId, "t", partitions);
              effects.effects().answer(reply, Errors.NONE);
            })
        .exceptionally(ShardUnavailableException::errorOf)
        .get(30, TimeUnit.SECONDS);
  }
}
