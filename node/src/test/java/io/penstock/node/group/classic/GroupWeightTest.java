package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.group.effect.Group;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a group says that it takes of the heap, of which its members' assignments are a part. */
final class GroupWeightTest {

  private static final int BYTES = 100_000;

  private final GroupBench bench = GroupBench.withoutDelay();

  private void assign(String memberId, @Nullable String instanceId, int bytes) {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId)
            .setGenerationId(bench.group.generation());
    request
        .assignments()
        .add(new SyncGroupRequestAssignment().setMemberId(memberId).setAssignment(new byte[bytes]));
    bench.sync(request);
  }

  @Test
  void aGroupWeighsWhatItsMembersWereAssigned() {
    String id = bench.join("", null).answer().memberId();
    long joined = bench.group.heapBytes();

    assign(id, null, BYTES);
    assertEquals(joined + BYTES, bench.group.heapBytes());
    bench.restart();
    assertEquals(joined + BYTES, bench.group.heapBytes());

    bench.join(id, null);
    assign(id, null, 1);
    assertEquals(joined + 1, bench.group.heapBytes());
    bench.leave(id, null);
    assertEquals(Group.HEAP_BYTES, bench.group.heapBytes());
  }

  @Test
  void whatTheLogDidNotTakeWeighsNothing() {
    String id = bench.join("", null).answer().memberId();
    long joined = bench.group.heapBytes();
    bench.holdsCommits = true;
    assign(id, null, BYTES);
    assertEquals(joined + BYTES, bench.group.heapBytes());

    bench.settle(Errors.NOT_ENOUGH_REPLICAS);

    assertEquals(joined, bench.group.heapBytes());
  }

  @Test
  void whatAStaticMemberTakesOverWeighsOnce() {
    String id = bench.join("", "i").answer().memberId();
    long joined = bench.group.heapBytes();
    assign(id, "i", BYTES);

    bench.join("", "i");

    assertEquals(joined + BYTES, bench.group.heapBytes());
  }
}
