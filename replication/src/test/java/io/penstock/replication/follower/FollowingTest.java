package io.penstock.replication.follower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSettings;
import org.junit.jupiter.api.Test;

/** Whole replicas that follow each other, over real logs on disks in memory. */
final class FollowingTest {

  private static void assertSame(ReplicaPair pair, int one, int other) throws StorageException {
    long from = pair.node(one).replica().logStartOffset();
    assertArrayEquals(pair.node(one).host.bytesFrom(from), pair.node(other).host.bytesFrom(from));
    assertEquals(
        pair.node(one).replica().logEndOffset(), pair.node(other).replica().logEndOffset());
  }

  @Test
  void copiesWhatTheLeaderAppendsAndCommitsItByTheNextFetch() throws StorageException {
    ReplicaPair pair = new ReplicaPair(2, LogSettings.defaults());
    pair.lead(1, 0, 1, 2);
    pair.tasks.advance(10);

    pair.append(1, 3);
    pair.append(1, 2);
    assertEquals(0, pair.node(1).replica().highWatermark());
    pair.tasks.advance(1);

    assertSame(pair, 1, 2);
    assertEquals(5, pair.node(1).replica().highWatermark());
    assertEquals(5, pair.node(2).replica().highWatermark(), "told at once");
    assertTrue(pair.node(2).to(1).isIdle());
  }
}
