package io.penstock.node.net.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets memory, who waits, and who goes first. */
final class MemoryBudgetTest {

  private static final long MIB = 1 << 20;

  private final MemoryBudget budget = new MemoryBudget(8 * MIB);
  private final List<String> granted = new ArrayList<>();

  @Test
  void servesWhoeverWaitsInTheOrderOfTheirComing() {
    MemoryBudget.Claim holder = claim("holder");
    assertTrue(holder.reserve(6 * MIB));
    MemoryBudget.Claim overdrawn = claim("overdrawn");
    assertTrue(overdrawn.reserve(2 * MIB));
    MemoryBudget.Claim first = claim("first");
    MemoryBudget.Claim second = claim("second");
    assertFalse(first.reserve(5 * MIB));
    assertFalse(second.reserve(3 * MIB)); // would fit once the holder is gone, but came later

    holder.close();
    assertEquals(List.of("first"), granted);
    overdrawn.close();

    assertEquals(List.of("first", "second"), granted);
    assertEquals(8 * MIB, budget.usedBytes());
  }

  @Test
  void letsOneFrameGoOverTheLimitSoThatFramesDoNotWaitForEachOther() {
    MemoryBudget.Claim one = claim("one");
    MemoryBudget.Claim two = claim("two");
    assertTrue(one.reserve(4 * MIB));
    assertTrue(two.reserve(3 * MIB));

    assertTrue(one.reserve(4 * MIB));
    assertFalse(two.reserve(5 * MIB));
    assertTrue(one.reserve(8 * MIB));
    one.close();

    assertEquals(List.of("two"), granted);
    assertEquals(8 * MIB, budget.usedBytes());
  }

  @Test
  void keepsRoomForSmallAmounts() {
    assertTrue(claim("large").reserve(7 * MIB));
    assertTrue(claim("overdrawn").reserve(2 * 64 * 1024));
    assertFalse(claim("waiting").reserve(MIB));

    assertTrue(claim("small").reserve(1000));
    assertTrue(claim("spare").reserveSpare(1000));
    assertFalse(claim("too much").reserveSpare(MIB));
  }

  @Test
  void forgetsAWaitingClaimThatIsClosed() {
    MemoryBudget.Claim holder = claim("holder");
    holder.reserve(7 * MIB);
    MemoryBudget.Claim overdrawn = claim("overdrawn");
    overdrawn.reserve(MIB);
    MemoryBudget.Claim leaving = claim("leaving");
    leaving.reserve(MIB);
    assertEquals(1, budget.waitingClaims());
    assertTrue(budget.isTight());

    leaving.close();
    holder.close();
    overdrawn.close();

    assertEquals(List.of(), granted);
    assertEquals(0, budget.usedBytes());
    assertFalse(budget.isTight());
  }

  private MemoryBudget.Claim claim(String name) {
    return budget.open(() -> granted.add(name));
  }
}
