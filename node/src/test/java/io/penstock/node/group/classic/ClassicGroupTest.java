package io.penstock.node.group.classic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class ClassicGroupTest {

  private final GroupBench bench = GroupBench.withoutDelay();

  @Test
  void firstMemberLeadsTheFirstGeneration() {
    JoinGroupResponseData joined = bench.join("", null).answer();

    assertEquals(Errors.NONE.code(), joined.errorCode());
    assertEquals(1, joined.generationId());
    assertEquals(joined.memberId(), joined.leader());
    assertEquals("range", joined.protocolName());
    assertEquals("consumer", joined.protocolType());
    assertEquals(1, joined.members().size());
    assertEquals("CompletingRebalance", bench.group.state());
  }

  @Test
  void membersHearOfTheirAssignmentWhenItIsCommitted() {
    List<String> ids = bench.stableWith(2);
    Asked<JoinGroupResponseData> leader = bench.join(ids.get(0), null);
    Asked<JoinGroupResponseData> follower = bench.join(ids.get(1), null);
    int generation = leader.answer().generationId();
    assertEquals(2, leader.answer().members().size());
    assertEquals(List.of(), follower.answer().members());
    bench.holdsCommits = true;

    Asked<SyncGroupResponseData> early = bench.sync(ids.get(1), generation);
    Asked<SyncGroupResponseData> leaders =
        bench.sync(ids.get(0), generation, ids.get(0), ids.get(1));

    assertFalse(early.isAnswered());
    assertFalse(leaders.isAnswered());
    bench.settle(Errors.NONE);
    assertEquals(ids.get(1), new String(early.answer().assignment(), UTF_8));
    assertEquals(ids.get(0), new String(leaders.answer().assignment(), UTF_8));
    assertEquals("Stable", bench.group.state());
    assertEquals(generation, bench.lastStored().generation());
  }

  @Test
  void aGroupWithoutMembersIsStoredAsEmpty() {
    List<String> ids = bench.stableWith(1);

    bench.leave(ids.get(0), null).answer();

    assertEquals("Empty", bench.group.state());
    assertTrue(bench.group.isEmpty());
    assertEquals(List.of(), bench.lastStored().members());
    assertEquals(2, bench.lastStored().generation());
    assertEquals(Long.MAX_VALUE, bench.group.nextDeadlineMs());
  }
}
