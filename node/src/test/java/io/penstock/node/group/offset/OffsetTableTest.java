package io.penstock.node.group.offset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the table takes of the heap; what is in it is seen through shards. */
final class OffsetTableTest {

  private final OffsetTable table = new OffsetTable();

  @Test
  void growsWithNamesAndWhatIsWrittenBesideOffsets() {
    table.apply(change("group", "topic", 0, ""));
    long one = table.bytes();
    table.apply(change("group", "topic", 1, ""));
    long two = table.bytes();
    table.apply(change("group", "topic", 1, "m".repeat(500)));
    long withMetadata = table.bytes();

    assertTrue(one > two - one, () -> one + " and " + two);
    assertEquals(1_000, withMetadata - two);
  }

  @Test
  void weighsNothingWhenEverythingIsGone() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<OffsetChange> changes = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String metadata = random.nextInt(4) == 0 ? null : "m".repeat(random.nextInt(9));
        changes.add(
            change("g" + random.nextInt(3), "t" + random.nextInt(3), random.nextInt(4), metadata));
      }
      changes.forEach(table::apply);
      assertTrue(table.count() > 0, "seed " + seed);

      for (String group : List.copyOf(table.groupIds())) {
        table.removals(group, (_, _, _) -> true).forEach(table::apply);
      }

      assertEquals(0, table.count(), "seed " + seed);
      assertEquals(0, table.bytes(), "seed " + seed);
    }
  }

  private static OffsetChange change(
      String group, String topic, int partition, @Nullable String metadata) {
    CommittedOffset committed =
        metadata == null
            ? null
            : new CommittedOffset(null, 1, -1, metadata, 1, CommittedOffset.NO_EXPIRY);
    return new OffsetChange(group, topic, partition, committed);
  }
}
