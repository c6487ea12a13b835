package io.penstock.replication.isr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipImage;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a broker that was started just now comes into the ISRs that an {@link IsrKeeper} keeps. */
@Timeout(60)
class NewcomersTest {

  private static final List<Integer> ALL = List.of(1, 2, 3);

  private static final long SETTLE_MS = IsrBench.SETTLE_MS;

  @AutoClose private final IsrBench bench = IsrBench.open(100);
  private final Newcomers newcomers = new Newcomers(SETTLE_MS);

  /** The brokers as the newcomers were last told of them. */
  private LeadershipImage told = LeadershipImage.EMPTY;

  @Test
  void brokerThatWasStartedJustNowCopiesForAWhileBeforeProducersWaitForIt() {
    bench.create(1, 2);
    bench.startAgain(3);
    bench.append(0, 5);
    bench.fetchAll(2);
    bench.fetchAll(3);
    bench.settle();
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.loop.advance(IsrBench.SETTLE_MS - 1);
    bench.fetchAll(3);
    bench.settle();
    assertEquals(List.of(1, 2), bench.isr(0));
    bench.loop.advance(1_001); // the next look around
    bench.settle();

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void brokerThatWasStartedJustNowJoinsAtOnceWhereTooFewAreInSync() {
    bench.create(1, 3);
    bench.startAgain(3);
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.fetchAll(3);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void brokerThatWasStartedJustNowJoinsAtOnceWhereTheLeaderIsAlone() {
    bench.create(1, 1);
    bench.plane.apply(new FenceBroker(2, bench.epochOf(2)));
    bench.settle();
    bench.startAgain(3);
    assertEquals(List.of(1), bench.isr(0));

    bench.fetchAll(3);
    bench.settle();

    assertEquals(List.of(1, 3), bench.isr(0));
  }

  /** Tells of the brokers as they are now. */
  private void tell(long nowMs) {
    LeadershipImage now = bench.plane.image().leadership();
    newcomers.brokersChanged(told, now, nowMs);
    told = now;
  }

  private boolean isNew(int id, long nowMs) {
    return newcomers.isNew(id, bench.epochOf(id), nowMs);
  }

  @Test
  void whoServesInTheFirstImageIsNotNew() {
    assertFalse(isNew(3, 100_000), "nothing is known yet");

    tell(100_000);

    assertFalse(isNew(3, 100_000));
  }

  @Test
  void whoComesBackUnderAnotherRegistrationIsNewForAWhile() {
    tell(100_000);
    long before = bench.epochOf(3);
    bench.startAgain(3);

    tell(200_000);

    assertTrue(isNew(3, 200_000));
    assertTrue(isNew(3, 200_000 + SETTLE_MS - 1));
    assertFalse(isNew(3, 200_000 + SETTLE_MS));
    assertTrue(bench.epochOf(3) > before);
  }

  @Test
  void whoIsUnfencedUnderTheRegistrationThatServedIsNotNew() {
    tell(100_000);
    bench.plane.apply(new FenceBroker(3, bench.epochOf(3)));
    tell(200_000);
    bench.plane.apply(new UnfenceBroker(3, bench.epochOf(3)));

    tell(300_000);

    assertFalse(isNew(3, 300_000));
  }

  @Test
  void registrationIsNewBeforeItIsToldOf() {
    tell(100_000);
    bench.startAgain(3);

    assertTrue(isNew(3, 200_000));

    tell(200_500);
    assertTrue(isNew(3, 200_000 + SETTLE_MS - 1));
    assertFalse(isNew(3, 200_000 + SETTLE_MS), "it was seen to serve before it was told of");
  }
}
