package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which waiters of a partition are woken by what. */
final class PendingFetchesTest {

  private final PendingFetches fetches = new PendingFetches();
  private final Wakeups wakeups = new Wakeups();

  @Test
  void waiterIsRunOnceWhenItHasEnough() {
    RecordedFetch fetch = new RecordedFetch(100);
    fetches.add(fetch, ReadLimit.HIGH_WATERMARK);

    fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, 60, wakeups);
    wakeups.run();
    assertEquals(0, fetch.runs);
    fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, 60, wakeups);
    fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, 60, wakeups);
    wakeups.run();

    assertEquals(1, fetch.runs);
  }

  @Test
  void appendedBytesDoNotCountForConsumers() {
    RecordedFetch consumer = new RecordedFetch(1);
    RecordedFetch follower = new RecordedFetch(1);
    fetches.add(consumer, ReadLimit.HIGH_WATERMARK);
    fetches.add(follower, ReadLimit.LOG_END);

    fetches.bytesAvailable(ReadLimit.LOG_END, 10, wakeups);
    wakeups.run();

    assertEquals(0, consumer.runs);
    assertEquals(1, follower.runs);
  }

  @Test
  void changeOfRoleWakesAll() {
    RecordedFetch consumer = new RecordedFetch(1_000);
    RecordedFetch follower = new RecordedFetch(1_000);
    fetches.add(consumer, ReadLimit.HIGH_WATERMARK);
    fetches.add(follower, ReadLimit.LOG_END);

    fetches.disturb(wakeups);
    wakeups.run();

    assertEquals(1, consumer.runs);
    assertEquals(1, follower.runs);
  }

  @Test
  void thoseThatLeftFromAnyPlaceAreNotTold() {
    RecordedFetch[] waiters = new RecordedFetch[4];
    Ticket[] tickets = new Ticket[4];
    for (int i = 0; i < 4; i++) {
      waiters[i] = new RecordedFetch(1);
      tickets[i] = fetches.add(waiters[i], ReadLimit.HIGH_WATERMARK);
    }

    assertTrue(tickets[1].leave());
    assertTrue(tickets[3].leave());
    assertTrue(tickets[0].leave());
    assertFalse(tickets[0].leave());
    fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, 1, wakeups);
    wakeups.run();

    assertEquals(0, waiters[0].runs);
    assertEquals(0, waiters[1].runs);
    assertEquals(1, waiters[2].runs);
    assertEquals(0, waiters[3].runs);
    assertTrue(tickets[2].leave());
    assertTrue(fetches.isEmpty());
  }
}
