package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.offset.OffsetTable;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What groups weigh after each event, and what is refused while there is no memory. */
final class ShardGroupsTest {

  private final ShardGroups groups = new ShardGroups(new OffsetTable());

  @Test
  void weighsGroupsByTheirMembersUntilTheyAreGone() {
    groups.put(group("empty", 0));
    groups.takeTouched();
    long empty = groups.bytes();
    groups.put(group("full", 10_000));
    groups.takeTouched();
    long both = groups.bytes();

    assertTrue(empty > 0, () -> empty + " bytes");
    assertTrue(both > empty + 10_000, () -> both + " bytes");

    groups.put(group("full", 0));
    groups.takeTouched();
    long lessAgain = groups.bytes();
    groups.remove("full");
    groups.remove("empty");
    groups.takeTouched();

    assertTrue(lessAgain < both, () -> lessAgain + " bytes");
    assertEquals(0, groups.bytes());
  }

  @Test
  void takesNoGroupThatIsNewWithoutMemory() {
    AtomicBoolean room = new AtomicBoolean(true);
    groups.limitTo(room::get);
    assertTrue(groups.put(group("known", 0)));

    room.set(false);

    assertFalse(groups.put(group("new", 0)));
    assertTrue(groups.put(group("known", 0)));
    assertEquals(1, groups.all().size());
  }

  @Test
  void takesAllGroupsThatTheLogHasAndNoneBeyondSoManyAfterwards() {
    int more = ShardGroups.GROUPS_MAX + 2;
    for (int i = 0; i < more; i++) {
      assertTrue(groups.put(group("g" + i, 0)));
    }

    groups.limitTo(() -> true);

    assertEquals(more, groups.all().size());
    assertTrue(groups.put(group("g0", 0)));
    assertFalse(groups.put(group("new", 0)));
    groups.remove("g0");
    groups.remove("g1");
    groups.remove("g2");
    assertTrue(groups.put(group("new", 0)));
  }

  private static Group group(String name, int metadataBytes) {
    List<GroupSnapshot.Member> members =
        metadataBytes == 0
            ? List.of()
            : List.of(
                new GroupSnapshot.Member(
                    "m", null, "c", "/h", 60_000, 60_000, new byte[metadataBytes], new byte[0]));
    GroupSnapshot snapshot = new GroupSnapshot(name, "consumer", 1, "range", "m", 1, members);
    return ClassicGroup.restore(snapshot, ClassicSettings.standard(), 1);
  }
}
