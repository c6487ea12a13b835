package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Who stands against a leader that is missed, and who waits. */
class MemberViewTest {

  private static final int SUSPECT = 9;
  private static final long SILENT = 1_000;

  private static MemberView view(int nodeId, long term, long index, long silentMs) {
    return new MemberView(nodeId, term, index, SUSPECT, silentMs);
  }

  private static OptionalInt place(MemberView own, int voters, long silent, MemberView... others) {
    return own.placeAgainst(SUSPECT, List.of(others), voters, silent);
  }

  @Test
  void theLongestLogStandsFirstAndOfEqualOnesTheLowestNode() {
    MemberView one = view(1, 4, 10, 0);
    MemberView two = view(2, 4, 10, 0);
    MemberView longer = view(3, 4, 11, 0);
    MemberView newer = view(4, 5, 2, 0);

    assertEquals(OptionalInt.of(0), place(one, 3, 0, two));
    assertEquals(OptionalInt.of(1), place(two, 3, 0, one));
    assertEquals(OptionalInt.of(1), place(one, 4, 0, longer, two));
    assertEquals(OptionalInt.of(3), place(two, 5, 0, one, longer, newer));
    assertEquals(OptionalInt.of(0), place(newer, 5, 0, one, two, longer));
  }

  @Test
  void nobodyStandsWithoutAMajorityInSight() {
    assertEquals(OptionalInt.empty(), place(view(1, 4, 10, 0), 3, 0));
    assertEquals(OptionalInt.empty(), place(view(1, 4, 10, 0), 5, 0, view(2, 4, 10, 0)));
    assertEquals(OptionalInt.empty(), place(view(1, 4, 10, 0), 2, 0));
  }

  @Test
  void nobodyStandsAgainstALeaderThatAMajorityHears() {
    MemberView deaf = view(1, 4, 10, 1_600);

    assertEquals(OptionalInt.empty(), place(deaf, 3, SILENT, view(2, 4, 10, 300)));
    assertEquals(OptionalInt.of(0), place(deaf, 3, SILENT, view(2, 4, 10, 1_000)));
    assertEquals(
        OptionalInt.empty(),
        place(deaf, 5, SILENT, view(2, 4, 10, 1_200), view(3, 4, 10, 0), view(4, 4, 10, 0)));
  }

  @Test
  void nobodyStandsWhereAnotherLeads() {
    MemberView follower = new MemberView(2, 5, 11, 3, 0);

    assertEquals(OptionalInt.empty(), place(view(1, 4, 10, 0), 3, 0, follower));
  }

  @Test
  void whoFollowsNobodyMissesTheLeaderToo() {
    MemberView candidate = new MemberView(2, 4, 9, GroupRole.NOBODY, 0);

    assertEquals(OptionalInt.of(0), place(view(1, 4, 10, 1_600), 3, SILENT, candidate));
  }

  @Test
  void aViewIsTheSameAfterItsWay() {
    MemberView view = new MemberView(7, 3, 1L << 40, GroupRole.NOBODY, 123);

    assertEquals(view, MemberView.decode(view.encode()));
  }
}
