package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.junit.jupiter.api.Test;

/** A group that nobody could reach for a while. */
final class PostponedGroupTest {

  private final GroupBench bench = GroupBench.withoutDelay();

  @Test
  void whatNobodyCouldSayIsNotTakenForSilence() {
    bench.stableWith(2);
    bench.group.postpone(3 * GroupBench.SESSION_MS);

    bench.pass(4 * GroupBench.SESSION_MS - 1);
    assertEquals(2, bench.group.members().size());
    bench.pass(1);

    assertEquals("Empty", bench.group.state());
  }

  @Test
  void aRebalanceWaitsLongerForThoseWhoCouldNotCome() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    String given = bench.join(GroupBench.request("", null, "range"), true).answer().memberId();
    bench.group.postpone(2 * GroupBench.REBALANCE_MS);

    bench.pass(2 * GroupBench.REBALANCE_MS);
    assertFalse(leader.isAnswered());
    bench.join(ids.get(1), null);
    assertFalse(leader.isAnswered());
    bench.join(GroupBench.request(given, null, "range"), true);

    assertEquals(3, leader.answer().members().size());
    assertEquals("CompletingRebalance", bench.group.state());
    bench.group.postpone(2 * GroupBench.REBALANCE_MS);
    bench.pass(2 * GroupBench.REBALANCE_MS);
    assertEquals(3, bench.group.members().size());
  }
}
