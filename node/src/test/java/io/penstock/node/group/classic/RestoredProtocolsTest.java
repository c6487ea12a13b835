package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * What another coordinator knows of protocols: the record of a group, as Kafka defines it, has of
 * each member the one that was chosen, and nothing of those that it knows besides.
 */
final class RestoredProtocolsTest {

  private final GroupBench bench = GroupBench.withoutDelay();

  @Test
  void whoDoesNotKnowTheChosenProtocolIsLetInWhenTheMembersHaveToldOfTheirs() {
    String id = bench.join("", null, "coop", "range").answer().memberId();
    bench.sync(id, 1, id);
    bench.restart();

    assertEquals(
        Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
        bench.join("", null, "range").answer().errorCode());

    bench.join(id, null, "coop", "range");
    bench.sync(id, 2, id);
    Asked<JoinGroupResponseData> newcomer = bench.join("", null, "range");
    bench.join(id, null, "coop", "range");

    assertEquals(Errors.NONE.code(), newcomer.answer().errorCode());
    assertEquals("range", newcomer.answer().protocolName());
  }
}
