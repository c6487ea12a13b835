package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What a group says to those who commit, delete or look. */
final class CommitChecksTest {

  private final GroupBench bench = GroupBench.withoutDelay();

  private Errors commit(String memberId, int generation) {
    return bench.group.validateCommit(memberId, null, generation, bench.nowMs());
  }

  @Test
  void whoIsNoMemberCommitsOnlyWhereThereAreNone() {
    assertEquals(Errors.NONE, commit("", -1));

    bench.stableWith(1);

    assertEquals(Errors.UNKNOWN_MEMBER_ID, commit("", -1));
  }

  @Test
  void membersCommitInTheirGenerationOnly() {
    List<String> ids = bench.stableWith(1);

    assertEquals(Errors.NONE, commit(ids.get(0), 1));
    assertEquals(Errors.ILLEGAL_GENERATION, commit(ids.get(0), 0));
    assertEquals(Errors.UNKNOWN_MEMBER_ID, commit("nobody", 1));
  }

  @Test
  void membersCommitBeforeTheyRejoinAndNotBeforeTheyAreAssigned() {
    List<String> ids = bench.stableWith(2);
    bench.join(ids.get(0), null);
    assertEquals(Errors.NONE, commit(ids.get(1), 2));

    bench.join(ids.get(1), null);

    assertEquals(Errors.REBALANCE_IN_PROGRESS, commit(ids.get(1), 3));
    assertEquals(Errors.ILLEGAL_GENERATION, commit(ids.get(1), 2));
  }

  @Test
  void aCommitIsASignOfLife() {
    List<String> ids = bench.stableWith(1);
    bench.pass(GroupBench.SESSION_MS - 1);

    commit(ids.get(0), 1);

    bench.pass(GroupBench.SESSION_MS - 1);
    assertEquals(Errors.NONE, bench.heartbeat(ids.get(0), 1));
  }

  @Test
  void subscriptionsOfConsumersAreKnown() {
    ByteBuffer subscription =
        ConsumerProtocol.serializeSubscription(new Subscription(List.of("orders")));
    byte[] metadata = new byte[subscription.remaining()];
    subscription.get(metadata);
    JoinGroupRequestData request = GroupBench.request("", null);
    request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
    assertFalse(bench.group.isSubscribedTo("orders"));

    bench.join(request, false);

    assertTrue(bench.group.isSubscribedTo("orders"));
    assertFalse(bench.group.isSubscribedTo("payments"));
  }

  @Test
  void aSubscriptionThatCannotBeReadMayBeOfAnyTopic() {
    bench.join("", null);

    assertTrue(bench.group.isSubscribedTo("orders"));
  }

  @Test
  void assignmentsAreDescribedOnlyWhileTheyAreGood() {
    List<String> ids = bench.stableWith(1);
    DescribedGroup stable = bench.group.describe();
    assertEquals("Stable", stable.groupState());
    assertEquals("range", stable.protocolData());
    assertEquals(ids.get(0).length(), stable.members().get(0).memberAssignment().length);
    assertEquals("/host", stable.members().get(0).clientHost());

    bench.join(ids.get(0), null);

    DescribedGroup completing = bench.group.describe();
    assertEquals("CompletingRebalance", completing.groupState());
    assertEquals("", completing.protocolData());
    assertEquals(0, completing.members().get(0).memberAssignment().length);
  }
}
