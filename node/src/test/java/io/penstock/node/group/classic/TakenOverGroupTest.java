package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.MemberDescription;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A group whose members were in one of the other protocol until now. */
final class TakenOverGroupTest {

  private static final int GENERATION = 7;

  private final GroupBench bench = GroupBench.withoutDelay();

  @BeforeEach
  void takeOver() {
    HandedOver left =
        new HandedOver("g", "consumer", GENERATION, List.of(member("one"), member("other")));
    bench.run(effects ->
        bench.group = ClassicGroup.taking(left, bench.group.settings(), bench.nowMs(), effects));
  }

  private static HandedOver.Member member(String id) {
    return new HandedOver.Member(
        id,
        null,
        "client",
        "/host",
        GroupBench.REBALANCE_MS,
        GroupBench.SESSION_MS,
        List.of(new MemberDescription.Protocol("range", new byte[4])),
        new byte[8]);
  }

  @Test
  void itsMembersAreCalledTogetherAndMayCommitBeforeTheyCome() {
    assertEquals(Errors.REBALANCE_IN_PROGRESS, bench.heartbeat("one", GENERATION));
    assertEquals(Errors.NONE, bench.group.validateCommit("one", null, GENERATION, bench.nowMs()));

    Asked<JoinGroupResponseData> first = bench.join("one", null);
    bench.join("other", null);

    assertEquals(GENERATION + 1, first.answer().generationId());
  }

  @Test
  void theyAreSoByTheNextCoordinatorWhereTheFirstIsLostMeanwhile() {
    bench.restart();

    assertEquals(Errors.REBALANCE_IN_PROGRESS, bench.heartbeat("one", GENERATION));
    Asked<JoinGroupResponseData> first = bench.join("one", null);
    bench.join("other", null);
    assertEquals(GENERATION + 1, first.answer().generationId());
    assertEquals(2, first.answer().members().size());
  }

  @Test
  void whoDoesNotComeToTheNextCoordinatorIsLeftBehind() {
    bench.restart();
    Asked<JoinGroupResponseData> first = bench.join("one", null);

    bench.pass(GroupBench.REBALANCE_MS);

    assertEquals(1, first.answer().members().size());
    assertEquals("one", first.answer().leader());
  }

  @Test
  void whatIsWrittenOfAGroupAtWorkHasALeader() {
    bench.join("one", null);
    bench.join("other", null);
    bench.sync("other", GENERATION + 1);
    bench.sync("one", GENERATION + 1, "one", "other");

    bench.restart();

    assertEquals("Stable", bench.group.state());
    assertEquals(2, bench.stored.stream().filter(GroupRecord.Stored.class::isInstance).count());
  }
}
