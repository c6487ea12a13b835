package io.penstock.node.group.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Two topics are enough to see sums and differences. */
final class MemberTargetTest {
  private static final UUID ORDERS = new UUID(1, 1);
  private static final UUID PAYMENTS = new UUID(2, 2);

  @Test
  void leavesOutTopicsWithoutPartitions() {
    MemberTarget target =
        new MemberTarget(Map.of(ORDERS, PartitionSet.EMPTY, PAYMENTS, PartitionSet.of(1)));

    assertEquals(new MemberTarget(Map.of(PAYMENTS, PartitionSet.of(1))), target);
    assertEquals(
        MemberTarget.EMPTY, target.minus(new MemberTarget(Map.of(PAYMENTS, PartitionSet.of(1)))));
  }

  @Test
  void addsSubtractsAndIntersectsTopicByTopic() {
    MemberTarget one = new MemberTarget(Map.of(ORDERS, PartitionSet.of(0, 1, 2)));
    MemberTarget other =
        new MemberTarget(Map.of(ORDERS, PartitionSet.of(2, 3), PAYMENTS, PartitionSet.of(0)));

    assertEquals(
        new MemberTarget(Map.of(ORDERS, PartitionSet.range(0, 4), PAYMENTS, PartitionSet.of(0))),
        one.plus(other));
    assertEquals(new MemberTarget(Map.of(ORDERS, PartitionSet.of(0, 1))), one.minus(other));
    assertEquals(new MemberTarget(Map.of(ORDERS, PartitionSet.of(2))), one.common(other));
    assertEquals(3, other.size());
  }

  @Test
  void knowsWhatIsInIt() {
    MemberTarget target = new MemberTarget(Map.of(ORDERS, PartitionSet.of(4)));

    assertEquals(PartitionSet.of(4), target.of(ORDERS));
    assertTrue(target.of(PAYMENTS).isEmpty());
  }
}
