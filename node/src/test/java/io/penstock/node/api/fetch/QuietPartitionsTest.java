package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.RecordedContext;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.batch.TestBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Partitions of a session that have nothing to say are left alone, and missed when they have. */
@Timeout(120)
final class QuietPartitionsTest extends FetchFixture {

  private static final int MANY = 20;

  private int session;
  private int epoch = 1;

  private void begin(String topic, int partitions) throws Exception {
    node.createTopic(topic, partitions);
    FetchRequests all = fetch().session(0, 0);
    for (int i = 0; i < partitions; i++) {
      all.from(topic, i, 0);
    }
    session = response(handle(BY_ID, all)).sessionId();
    assertEquals(List.of(), partitions(next(fetch())));
  }

  private RecordedContext next(FetchRequests request) {
    return handle(BY_ID, request.session(session, epoch++));
  }

  @Test
  void whatComesBetweenTwoFetchesIsFound() throws Exception {
    begin("many", MANY);
    node.append("many", 7, 1);
    node.append("many", 3, 1);

    List<PartitionData> found = partitions(next(fetch()));

    assertEquals(List.of(7, 3), found.stream().map(PartitionData::partitionIndex).toList());
    assertEquals(List.of(), partitions(next(fetch().from("many", 7, 1).from("many", 3, 1))));
  }

  @Test
  void whatComesWhileItWaitsIsAnsweredAtOnce() throws Exception {
    begin("many", MANY);

    for (int round = 0; round < 3; round++) {
      RecordedContext context = next(fetch().waiting(500, 1).from("many", 5, round));
      assertFalse(context.isEnded());
      node.append("many", 5, 1);
      assertEquals(5, only(context).partitionIndex());
    }
  }

  @Test
  void bytesOfSeveralQuietPartitionsAddUp() throws Exception {
    begin("many", MANY);

    RecordedContext context = next(fetch().waiting(500, 4 * batchBytes(1)));
    node.append("many", 1, 1);
    node.append("many", 2, 1);
    node.append("many", 2, 1);
    assertFalse(context.isEnded());
    node.append("many", 3, 1);

    assertEquals(3, partitions(context).size());
  }

  @Test
  void timeThatIsUpAnswersWhatThereIs() throws Exception {
    begin("many", MANY);

    RecordedContext context = next(fetch().waiting(500, 1 << 20));
    node.append("many", 4, 1);
    node.loop.advance(500);

    assertEquals(4, only(context).partitionIndex());
    assertEquals(0, node.metrics.counter("penstock.fetch.parked").getCount());
  }

  @Test
  void quietPartitionThatGoesAwayIsAnError() throws Exception {
    begin("many", MANY);
    RecordedContext context = next(fetch().waiting(500, 1));

    node.deleteTopic("many");
    node.loop.runRound();

    assertEquals(Errors.UNKNOWN_TOPIC_ID, error(partitions(context).getFirst()));
    assertEquals(MANY, partitions(next(fetch())).size());
  }

  @Test
  void everythingIsLookedAtNowAndThen() throws Exception {
    node.createTopic("many", MANY);
    for (int i = 0; i < MANY; i++) {
      node.append("many", i, 1);
    }
    FetchRequests all = fetch().session(0, 0);
    for (int i = 0; i < MANY; i++) {
      all.from("many", i, 1);
    }
    session = response(handle(BY_ID, all)).sessionId();
    assertEquals(List.of(), partitions(next(fetch())));
    node.replica("many", 9).deleteRecordsBefore(1);
    assertEquals(List.of(), partitions(next(fetch())), "nobody tells of a log start");

    nowMs += FetchSession.GO_THROUGH_EACH_MS;

    assertEquals(9, only(next(fetch())).partitionIndex());
  }

  @Test
  void partitionsThatAlwaysHaveMoreTakeTurns() throws Exception {
    begin("many", MANY);
    for (int i = 0; i < 3; i++) {
      for (int batch = 0; batch < 10; batch++) {
        node.append("many", i, 1);
      }
    }
    List<Integer> served = new ArrayList<>();
    int[] offsets = new int[3];
    FetchRequests request = fetch();
    for (int round = 0; round < 9; round++) {
      PartitionData data =
          partitions(next(request.maxBytes(1))).stream()
              .filter(each -> size(each) > 0)
              .findAny()
              .orElseThrow();
      served.add(data.partitionIndex());
      offsets[data.partitionIndex()]++;
      request = fetch().from("many", data.partitionIndex(), offsets[data.partitionIndex()]);
    }

    assertEquals(List.of(0, 1, 2, 0, 1, 2, 0, 1, 2), served);
  }

  @Test
  void endedSessionIsNotToldOfAnythingAndItsFetchStillEnds() throws Exception {
    begin("many", MANY);
    RecordedContext context = next(fetch().waiting(500, 1));
    handle(BY_ID, fetch().session(session, -1));
    assertEquals(0, sessions.size());

    node.append("many", 1, 1);
    node.loop.advance(500);

    assertTrue(context.isEnded());
    response(context);
  }

  /** A consumer that fetches at random among random appends ends up with everything. */
  @Test
  void consumerMissesNothing() throws Exception {
    for (long seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      epoch = 1;
      begin("many-" + seed, MANY);
      String topic = "many-" + seed;
      long[] offsets = new long[MANY];
      FetchRequests request = fetch();
      for (int step = 0; step < 300; step++) {
        for (int i = random.nextInt(3); i > 0; i--) {
          node.append(topic, random.nextInt(MANY), 1);
        }
        boolean waits = random.nextInt(3) == 0;
        request.waiting(waits ? 500 : 0, 1 + random.nextInt(300));
        request.maxBytes(random.nextBoolean() ? 1 << 20 : 1 + random.nextInt(300));
        request = consume(next(request), topic, offsets, random);
      }
      for (int i = 0; i < 10 * MANY; i++) {
        request = consume(next(request), topic, offsets, random);
      }
      for (int i = 0; i < MANY; i++) {
        assertEquals(node.replica(topic, i).highWatermark(), offsets[i], "seed " + seed + " " + i);
      }
      handle(BY_ID, fetch().session(session, -1));
    }
  }

  /** Appends come from other threads at any moment; no timer helps a fetch that is not woken. */
  @Test
  void noWakeUpIsLost() throws Exception {
    begin("many", MANY);
    int each = 500;
    List<Thread> appenders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Random random = new Random(i);
      appenders.add(Thread.ofPlatform().start(() -> appendAtRandom(each, random)));
    }
    long[] offsets = new long[MANY];
    FetchRequests request = fetch();
    while (Arrays.stream(offsets).sum() < 2L * each) {
      RecordedContext context = next(request.waiting(60_000, 1));
      while (!context.isEnded()) {
        node.loop.runRound();
        Thread.onSpinWait();
      }
      request = consume(context, "many", offsets, new Random(0));
    }
    for (Thread appender : appenders) {
      appender.join();
    }
  }

  private void appendAtRandom(int count, Random random) {
    Wakeups wakeups = new Wakeups();
    for (int i = 0; i < count; i++) {
      node.append("many", random.nextInt(MANY), TestBatch.ofRecords(1).build(), wakeups);
      wakeups.run();
    }
  }

  private FetchRequests consume(
      RecordedContext context, String topic, long[] offsets, Random random) {
    while (!context.isEnded()) {
      if (random.nextInt(10) == 0) {
        node.loop.advance(500);
      } else {
        node.append(topic, random.nextInt(MANY), 1);
      }
    }
    FetchRequests next = fetch();
    for (PartitionData data : partitions(context)) {
      int batches = size(data) / batchBytes(1);
      offsets[data.partitionIndex()] += batches;
      if (batches > 0) {
        next.from(topic, data.partitionIndex(), offsets[data.partitionIndex()]);
      }
    }
    return next;
  }
}
