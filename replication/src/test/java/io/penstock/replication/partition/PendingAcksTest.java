package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is settled by which step of the watermark, and who is not any more. */
final class PendingAcksTest {

  private final PendingAcks acks = new PendingAcks();
  private final Wakeups wakeups = new Wakeups();
  private final TestLoop loop = TestLoop.here();
  private final List<String> runs = new ArrayList<>();

  private RecordedAck ack(String name) {
    return new RecordedAck(loop, name, runs);
  }

  @Test
  void watermarkSettlesWhatItHasReachedInTheOrderOfOffsets() {
    acks.add(30, ack("30"));
    acks.add(10, ack("10"));
    acks.add(20, ack("20"));

    acks.advanced(20, null, wakeups);
    wakeups.run();

    assertEquals(List.of("10", "20"), runs);
    assertFalse(acks.isEmpty());
  }

  @Test
  void waitersOfOneOffsetAreSettledInTheOrderTheyCame() {
    acks.add(10, ack("first"));
    acks.add(10, ack("second"));

    acks.advanced(10, null, wakeups);
    wakeups.run();

    assertEquals(List.of("first", "second"), runs);
    assertTrue(acks.isEmpty());
  }

  @Test
  void oneThatLeftIsNotSettled() {
    RecordedAck ack = ack("left");
    Ticket ticket = acks.add(10, ack);
    acks.add(11, ack("stays"));

    assertTrue(ticket.leave());
    assertFalse(ticket.leave());
    acks.advanced(11, null, wakeups);
    wakeups.run();

    assertEquals(0, ack.settled);
    assertEquals(List.of("stays"), runs);
  }

  @Test
  void settledOneCannotLeave() {
    RecordedAck ack = ack("done");
    Ticket ticket = acks.add(10, ack);

    acks.advanced(10, null, wakeups);

    assertFalse(ticket.leave());
    assertEquals(1, ack.settled);
    assertNull(ack.refusal);
  }

  @Test
  void allAreRefusedWhenTheReplicaLeadsNoMore() {
    RecordedAck near = ack("near");
    RecordedAck far = ack("far");
    acks.add(10, near);
    acks.add(1_000, far);

    acks.refuseAll(Refusal.NOT_LEADER, wakeups);
    wakeups.run();

    assertEquals(Refusal.NOT_LEADER, near.refusal);
    assertEquals(Refusal.NOT_LEADER, far.refusal);
    assertEquals(List.of("near", "far"), runs);
    assertTrue(acks.isEmpty());
  }

  @Test
  void lastPlaceIsFoundAgainAfterItWasLeft() {
    Ticket last = acks.add(20, ack("20"));
    last.leave();
    acks.add(10, ack("10"));
    acks.add(15, ack("15"));

    acks.advanced(15, null, wakeups);
    wakeups.run();

    assertEquals(List.of("10", "15"), runs);
  }
}
