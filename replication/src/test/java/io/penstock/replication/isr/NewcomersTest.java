package io.penstock.replication.isr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a broker that was started just now comes into the ISRs that an {@link IsrKeeper} keeps. */
@Timeout(60)
class NewcomersTest {

  private static final List<Integer> ALL = List.of(1, 2, 3);

  @TempDir private Path directory;
  private IsrBench bench;

  @BeforeEach
  void open() throws StorageException {
    bench = new IsrBench(directory, 100);
  }

  @AfterEach
  void close() throws StorageException {
    bench.close();
  }

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
}
