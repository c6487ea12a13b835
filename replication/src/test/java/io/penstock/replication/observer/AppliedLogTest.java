package io.penstock.replication.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.AppliedLog.Entry;
import io.penstock.replication.observer.AppliedLog.Tail;
import io.penstock.replication.observer.AppliedLog.Tail.Commands;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a voter can tell observers without a snapshot. */
class AppliedLogTest {

  private static final int ALL = 1 << 20;

  @Test
  void servesWhatFollowsAPositionUpToTheNewest() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 1, 2, 3);
    log.skipTo(at(2, 4)); // Raft's own entry
    append(log, 2, 5);

    assertEquals(List.of(1L, 2L, 3L, 5L), served(log, Position.NONE));
    assertEquals(List.of(3L, 5L), served(log, at(1, 2)));
    assertEquals(List.of(5L), served(log, at(2, 4)));
    assertEquals(List.of(), served(log, at(2, 5)));
    assertEquals(at(2, 5), commands(log, at(1, 3)).upTo());
  }

  @Test
  void whoHasAllCommandsIsAtTheNewestPlaceEvenIfThatIsNoCommand() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 1);
    log.skipTo(at(2, 2));

    Commands commands = commands(log, at(1, 1));

    assertEquals(List.of(), commands.entries());
    assertEquals(at(2, 2), commands.upTo());
  }

  @Test
  void servesAsManyAsFitAndOneAtLeast() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 1, 2, 3); // 10 bytes each

    Commands two = commands(log, Position.NONE, 20);
    Commands one = commands(log, Position.NONE, 1);

    assertEquals(2, two.entries().size());
    assertEquals(at(1, 2), two.upTo());
    assertEquals(1, one.entries().size());
    assertEquals(at(1, 1), one.upTo());
  }

  @Test
  void forgetsTheOldestBeyondItsBounds() {
    AppliedLog byCount = new AppliedLog(3, 1000);
    AppliedLog byBytes = new AppliedLog(1000, 30);
    for (AppliedLog log : List.of(byCount, byBytes)) {
      append(log, 1, 1, 2, 3, 4, 5);

      assertEquals(List.of(3L, 4L, 5L), served(log, at(1, 2)));
      assertInstanceOf(Tail.Forgotten.class, log.after(at(1, 1), ALL));
      assertInstanceOf(Tail.Forgotten.class, log.after(Position.NONE, ALL));
      assertTrue(log.reachesBackTo(at(1, 2)));
      assertTrue(!log.reachesBackTo(at(1, 1)));
    }
  }

  @Test
  void aSnapshotHidesWhatWasBefore() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 1, 2);

    log.restart(at(3, 10));
    append(log, 3, 11);

    assertInstanceOf(Tail.Forgotten.class, log.after(at(1, 2), ALL));
    assertEquals(List.of(11L), served(log, at(3, 10)));
  }

  @Test
  void knowsWhoIsAheadAndWhoIsOfAnotherHistory() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 1, 2);
    log.skipTo(at(3, 3));
    append(log, 3, 5);

    assertInstanceOf(Tail.Ahead.class, log.after(at(3, 6), ALL));
    assertInstanceOf(Tail.Forked.class, log.after(at(2, 2), ALL)); // that index has term 1
    assertInstanceOf(Tail.Forked.class, log.after(at(2, 5), ALL)); // the newest has term 3
    assertInstanceOf(Tail.Forked.class, log.after(at(4, 4), ALL)); // between terms 1 and 3
    assertEquals(List.of(5L), served(log, at(2, 4))); // may be: Raft's own entries are not kept
  }

  @Test
  void refusesToGoBack() {
    AppliedLog log = new AppliedLog();
    append(log, 1, 2);

    assertThrows(IllegalStateException.class, () -> append(log, 1, 2));
  }

  @Test
  void agreesWithAPlainListOnRandomHistories() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int kept = 1 + random.nextInt(200);
      AppliedLog log = new AppliedLog(kept, Long.MAX_VALUE);
      List<Position> all = new ArrayList<>();
      long index = 0;
      long term = 1;
      for (int i = 0; i < 500; i++) {
        index += 1 + random.nextInt(3);
        term += random.nextInt(10) == 0 ? 1 : 0;
        log.append(at(term, index), new byte[10]);
        all.add(at(term, index));
      }
      for (int i = 0; i < all.size(); i++) {
        List<Position> after = all.subList(i + 1, all.size());
        Tail tail = log.after(all.get(i), Integer.MAX_VALUE);
        String which = "seed " + seed + " entry " + i;
        if (after.size() > kept) {
          assertInstanceOf(Tail.Forgotten.class, tail, which);
        } else {
          List<Position> told =
              assertInstanceOf(Commands.class, tail, which).entries().stream()
                  .map(Entry::at)
                  .toList();
          assertEquals(after, told, which);
        }
      }
    }
  }

  private static Position at(long term, long index) {
    return new Position(term, index);
  }

  private static void append(AppliedLog log, long term, long... indexes) {
    for (long index : indexes) {
      log.append(at(term, index), new byte[10]);
    }
  }

  private static Commands commands(AppliedLog log, Position have) {
    return commands(log, have, ALL);
  }

  private static Commands commands(AppliedLog log, Position have, int bytes) {
    return assertInstanceOf(Commands.class, log.after(have, bytes));
  }

  private static List<Long> served(AppliedLog log, Position have) {
    return commands(log, have).entries().stream().map(entry -> entry.at().index()).toList();
  }
}
