package io.penstock.node.api.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.codahale.metrics.MetricRegistry;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** How many sessions there are, and whose are given up. */
final class FetchSessionsTest {

  private static final short VERSION = 12;

  private final MetricRegistry metrics = new MetricRegistry();
  private final FetchSessions sessions = new FetchSessions(2, 10, metrics);

  private static List<FetchResult> results(int partitions) {
    List<FetchResult> results = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      PartitionKey key = new PartitionKey("pipe", null, i);
      results.add(
          FetchResult.failed(
              new FetchItem(key, 0, 1, -1, -1, Long.MAX_VALUE), Errors.NOT_LEADER_OR_FOLLOWER));
    }
    return results;
  }

  private int begin(int partitions, boolean follower, long nowMs) {
    return sessions.begin(results(partitions), false, follower, nowMs);
  }

  private FetchPlan proceed(int session, long nowMs) {
    return plan(FetchRequests.fetch().session(session, 1).build(), nowMs);
  }

  private FetchPlan plan(FetchRequestData request, long nowMs) {
    return sessions.plan(request, FetchParameters.of(request, VERSION, 1 << 20, nowMs));
  }

  @Test
  void sessionsAreBoundedInNumber() {
    begin(1, false, 0);
    begin(1, false, 0);

    assertEquals(FetchSessions.NO_SESSION, begin(1, false, FetchSessions.IDLE_MS));
    assertEquals(2, sessions.size());
  }

  @Test
  void idleSessionMakesWay() {
    int old = begin(1, false, 0);
    int used = begin(1, false, 0);
    proceed(used, FetchSessions.IDLE_MS);

    assertNotEquals(FetchSessions.NO_SESSION, begin(1, false, FetchSessions.IDLE_MS + 1));

    assertInstanceOf(FetchPlan.Refused.class, proceed(old, FetchSessions.IDLE_MS + 1));
    assertEquals(1, metrics.meter("penstock.fetch.sessions.evicted").getCount());
  }

  @Test
  void consumersMakeWayForFollowersButNotTheOtherWayRound() {
    begin(1, false, 0);
    begin(1, true, 0);

    assertNotEquals(FetchSessions.NO_SESSION, begin(1, true, 1));
    assertEquals(FetchSessions.NO_SESSION, begin(1, true, 1));
    assertEquals(FetchSessions.NO_SESSION, begin(1, false, 1));
  }

  @Test
  void partitionsOfAllSessionsAreBounded() {
    begin(9, false, 0);

    assertEquals(FetchSessions.NO_SESSION, begin(2, false, 0));
    assertNotEquals(FetchSessions.NO_SESSION, begin(1, false, 0));
  }

  @Test
  void sessionThatGrowsTooLargeIsEndedButAnswered() {
    int session = begin(9, false, 0);
    FetchRequests more = FetchRequests.fetch().session(session, 1);
    more.from("pipe", 20, 0).from("pipe", 21, 0);

    FetchPlan plan = plan(more.build(), 0);

    assertEquals(11, assertInstanceOf(FetchPlan.Once.class, plan).items().size());
    assertEquals(0, sessions.size());
    assertNotEquals(FetchSessions.NO_SESSION, begin(10, false, 0));
  }

  @Test
  void followersSessionIsNobodyElses() {
    int session = begin(1, true, 0);

    assertEquals(
        Errors.FETCH_SESSION_ID_NOT_FOUND,
        assertInstanceOf(FetchPlan.Refused.class, proceed(session, 0)).error());
  }

  @Test
  void epochsCountUpAndAreTakenOnce() {
    int session = begin(1, false, 0);

    assertInstanceOf(FetchPlan.Continue.class, proceed(session, 0));

    assertEquals(
        Errors.INVALID_FETCH_SESSION_EPOCH,
        assertInstanceOf(FetchPlan.Refused.class, proceed(session, 0)).error());
  }
}
