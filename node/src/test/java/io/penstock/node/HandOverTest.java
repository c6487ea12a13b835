package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order a stopping broker gives away what it leads; all of it is made up. */
@Timeout(30)
class HandOverTest {

  private static final int LOOKS = 5;

  private final List<String> events = new ArrayList<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private int producedLooks;

  @Test
  void leadershipMovesWhenAllIsCommittedAndRequestsGoOnWhenItHasMoved() throws Exception {
    Partition partition = new Partition(LOOKS, LOOKS);

    new HandOver(new Requests(), () -> List.of(partition), this::leave).run();

    assertEquals(
        List.of(
            "paused", "held", "committed", "leaves", "led elsewhere", "goes on", "idle ones end"),
        events);
  }

  @Test
  void requestsAreHeldWhenProducersHaveFallenSilent() throws Exception {
    Partition partition = new Partition(0, 0);
    producedLooks = LOOKS;

    new HandOver(new Requests(), () -> List.of(partition), this::leave).run();

    assertEquals(0, producedLooks);
    assertEquals(List.of("paused", "held"), events.subList(0, 2));
  }

  @Test
  void producersThatDoNotHeedItDoNotKeepTheBroker() throws Exception {
    Partition partition = new Partition(0, 0);
    producedLooks = Integer.MAX_VALUE;

    new HandOver(new Requests(), () -> List.of(partition), this::leave).run();

    assertEquals(
        List.of(
            "paused", "held", "committed", "leaves", "led elsewhere", "goes on", "idle ones end"),
        events);
  }

  @Test
  void nobodyWaitsForABrokerThatLeadsNothing() throws Exception {
    new HandOver(new Requests(), List::of, this::leave).run();

    assertEquals(List.of("held", "leaves", "goes on", "idle ones end"), events);
  }

  @Test
  void aReplicaThatNeverGetsTheLastBatchDoesNotKeepTheBroker() throws Exception {
    Partition stuck = new Partition(Integer.MAX_VALUE, LOOKS);

    new HandOver(new Requests(), () -> List.of(stuck), this::leave).run();

    assertEquals(
        List.of("paused", "held", "leaves", "led elsewhere", "goes on", "idle ones end"), events);
  }

  @Test
  void requestsGoOnWhenTheBrokerHasLeftWhateverItLeads() throws Exception {
    Partition kept = new Partition(0, Integer.MAX_VALUE);
    left.complete(null);

    new HandOver(new Requests(), () -> List.of(kept), this::leave).run();

    assertEquals(
        List.of("paused", "held", "committed", "leaves", "goes on", "idle ones end"), events);
  }

  @Test
  void requestsGoOnWhereLeavingFails() {
    HandOver failing =
        new HandOver(
            new Requests(),
            List::of,
            () -> {
              throw new IllegalStateException("closed");
            });

    assertThrows(IllegalStateException.class, failing::run);

    assertEquals(List.of("held", "goes on", "idle ones end"), events);
  }

  private CompletionStage<Void> leave() {
    events.add("leaves");
    return left;
  }

  private final class Requests implements HandOver.Requests {
    private long produced;

    @Override
    public void pause(long ms) {
      assertTrue(ms > 0);
      events.add("paused");
    }

    @Override
    public long produced() {
      if (producedLooks > 0) {
        producedLooks--;
        produced++;
      }
      return produced;
    }

    @Override
    public CompletionStage<Void> hold() {
      events.add("held");
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void goOn() {
      events.add("goes on");
    }

    @Override
    public void endIdle() {
      events.add("idle ones end");
    }
  }

  /** Is committed, and later led elsewhere, after it was looked at so often. */
  private final class Partition implements HandOver.Led {
    private int uncommittedLooks;
    private int ledLooks;

    private Partition(int uncommittedLooks, int ledLooks) {
      this.uncommittedLooks = uncommittedLooks;
      this.ledLooks = ledLooks;
    }

    @Override
    public boolean isCommitted() {
      if (uncommittedLooks > 0) {
        uncommittedLooks--;
        return false;
      }
      events.add("committed");
      return true;
    }

    @Override
    public boolean isLed() {
      if (ledLooks > 0) {
        ledLooks--;
        return true;
      }
      events.add("led elsewhere");
      return false;
    }
  }
}
