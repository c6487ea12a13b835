package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.replication.partition.PartitionReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What followers acknowledge and hear in their sessions. */
@Timeout(120)
final class FollowerSessionTest extends FetchFixture {

  private static final int MANY = 20;

  private Follower second;
  private Follower third;

  /** A node that copies: it asks for what comes next, and knows what it was told. */
  private final class Follower {
    private final int id;
    private final String topic;
    private final long[] offsets;
    private final long[] watermarks;
    private int session;
    private int epoch = 1;
    private FetchRequests next = fetch();

    private Follower(int id, String topic, int partitions) {
      this.id = id;
      this.topic = topic;
      this.offsets = new long[partitions];
      this.watermarks = new long[partitions];
    }

    private void begin() {
      FetchRequests all = fetch().replica(id).session(0, 0);
      for (int i = 0; i < offsets.length; i++) {
        all.from(topic, i, offsets[i], 0, 1 << 20);
      }
      RecordedContext context = handle(BY_ID, all.waiting(500, 1));
      session = response(context).sessionId();
      take(context);
    }

    private RecordedContext ask(int maxWaitMs) {
      RecordedContext context =
          handle(BY_ID, next.replica(id).session(session, epoch++).waiting(maxWaitMs, 1));
      next = fetch();
      return context;
    }

    /** Takes an answer; the next request acknowledges it. */
    private List<PartitionData> take(RecordedContext context) {
      List<PartitionData> news = partitions(context);
      for (PartitionData data : news) {
        assertEquals(Errors.NONE, error(data));
        int partition = data.partitionIndex();
        long end = offsets[partition] + size(data) / batchBytes(1);
        if (end != offsets[partition]) {
          offsets[partition] = end;
          next.from(topic, partition, end, 0, 1 << 20);
        }
        assertTrue(watermarks[partition] <= data.highWatermark(), "watermarks never go back");
        watermarks[partition] = data.highWatermark();
      }
      return news;
    }
  }

  @BeforeEach
  void createTopic() throws Exception {
    node.createReplicatedTopic("safe", 2, MANY);
    second = new Follower(2, "safe", MANY);
    third = new Follower(3, "safe", MANY);
    second.begin();
    third.begin();
    assertEquals(List.of(), second.take(second.ask(0)));
    assertEquals(List.of(), third.take(third.ask(0)));
  }

  private PartitionReplica replica(int partition) {
    return node.replica("safe", partition);
  }

  @Test
  void firstFetchIsAnsweredAtOnce() {
    Follower again = new Follower(2, "safe", MANY);
    again.begin();

    assertTrue(again.session != 0);
  }

  @Test
  void onlyWhatHasMoreIsAnswered() {
    node.append("safe", 7, 1);

    List<PartitionData> news = second.take(second.ask(500));

    assertEquals(List.of(7), news.stream().map(PartitionData::partitionIndex).toList());
    assertEquals(List.of(), second.take(second.ask(0)));
  }

  @Test
  void followerWhoseOffsetIsNotInTheLogIsToldWhereTheLogIs() {
    node.append("safe", 7, 3);

    PartitionData answer =
        only(handle(BY_ID, fetch().replica(2).from("safe", 7, 9, 0, 1 << 20).waiting(500, 1)));

    assertEquals(Errors.OFFSET_OUT_OF_RANGE, error(answer));
    assertEquals(0, answer.logStartOffset());
    assertEquals(0, answer.highWatermark());
  }

  @Test
  void offsetsCommitWhenTheyArrive() {
    node.append("safe", 7, 1);
    second.take(second.ask(0));
    third.take(third.ask(0));
    assertEquals(0, replica(7).highWatermark());

    second.ask(500);
    assertEquals(0, replica(7).highWatermark());
    RecordedContext last = third.ask(0);

    assertEquals(1, replica(7).highWatermark());
    assertEquals(1, only(last).highWatermark(), "told by the answer to the ack itself");
  }

  /** A record goes to both followers, and is acknowledged with their next requests. */
  private void copyOne() {
    node.append("safe", 7, 1);
    second.take(second.ask(0));
    third.take(third.ask(0));
  }

  @Test
  void watermarkIsToldAtOnceWhereRecordsAreRare() {
    copyOne();
    RecordedContext parked = second.ask(500);
    assertFalse(parked.isEnded());

    RecordedContext last = third.ask(500);
    node.loop.runRound();

    assertEquals(1, only(parked).highWatermark());
    assertEquals(0, size(only(parked)));
    assertEquals(1, only(last).highWatermark());
    second.take(parked);
    assertFalse(second.ask(500).isEnded(), "it is told once");
  }

  @Test
  void watermarkIsToldAfterAShortWaitWhereRecordsKeepComing() {
    copyOne();
    copyOne();
    RecordedContext parked = second.ask(500);
    third.ask(500);

    node.loop.advance(FetchOperation.BORDERS_WAIT_MS - 1);
    assertFalse(parked.isEnded(), "a record may come that it can travel with");
    node.loop.advance(1);

    assertEquals(2, only(parked).highWatermark());
    assertEquals(0, size(only(parked)));
    second.take(parked);
    assertFalse(second.ask(500).isEnded());
  }

  @Test
  void watermarkThatMovesAfterTheWaitIsToldAtOnce() {
    copyOne();
    copyOne();
    RecordedContext parked = second.ask(500);
    node.loop.advance(FetchOperation.BORDERS_WAIT_MS + 1);
    second.take(parked);
    parked = second.ask(500);
    node.loop.advance(FetchOperation.BORDERS_WAIT_MS + 1);
    assertFalse(parked.isEnded());

    third.ask(500);
    node.loop.runRound();

    assertEquals(2, only(parked).highWatermark());
  }

  @Test
  void watermarkTravelsWithTheNextRecord() {
    copyOne();
    copyOne();
    for (int i = 0; i < 100; i++) {
      RecordedContext toSecond = second.ask(500);
      RecordedContext toThird = third.ask(500);
      node.loop.advance(1);
      assertFalse(toSecond.isEnded() || toThird.isEnded(), "one request for each record");
      node.append("safe", 7, 1);
      second.take(toSecond);
      third.take(toThird);
    }

    assertEquals(101, replica(7).highWatermark());
    assertEquals(101, second.watermarks[7]);
    assertEquals(101, third.watermarks[7]);
  }

  @Test
  void fetchWithNothingNewLastsItsWholeTime() {
    RecordedContext context = second.ask(500);

    node.loop.advance(499);
    assertFalse(context.isEnded());
    node.loop.advance(1);

    assertEquals(List.of(), partitions(context));
    assertEquals(0, node.loop.timers());
  }

  @Test
  void startOfALogThatMovedIsToldAtOnce() throws Exception {
    node.append("safe", 3, 1);
    for (int round = 0; round < 3; round++) {
      second.take(second.ask(0));
      third.take(third.ask(0));
    }
    RecordedContext parked = second.ask(500);
    node.loop.advance(100);
    assertFalse(parked.isEnded());

    assertEquals(null, replica(3).deleteRecordsBefore(1));
    node.loop.runRound();

    assertEquals(1, only(parked).logStartOffset());
  }

  @Test
  void quietPartitionsAreAcknowledgedNowAndThen() throws Exception {
    node.append("safe", 3, 1);
    for (int round = 0; round < 3; round++) {
      second.take(second.ask(0));
      third.take(third.ask(0));
    }
    assertEquals(1, replica(3).highWatermark());

    nowMs += FetchSession.GO_THROUGH_EACH_MS;

    assertEquals(List.of(), second.take(second.ask(0)));
    assertEquals(List.of(), third.take(third.ask(0)));
  }

  @Test
  void formerProcessOfABrokerIsRefused() {
    long epoch = node.brokerEpoch(2);
    FetchRequests stale = fetch().replica(2, epoch - 1).from("safe", 0, 0);
    FetchRequests current = fetch().replica(2, epoch).from("safe", 0, 0);

    assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, error(fetchOnce(BY_ID, stale)));
    assertEquals(Errors.NONE, error(fetchOnce(BY_ID, current)));
  }

  @Test
  void onePartitionThatIsFarBehindLeavesRoomForTheOthers() {
    for (int i = 0; i < 200; i++) {
      node.append("safe", 0, 100);
    }
    node.append("safe", 5, 1);
    node.append("safe", 6, 1);

    FetchRequests request = fetch().replica(2).session(second.session, second.epoch);
    List<PartitionData> news = partitions(handle(BY_ID, request.maxBytes(96 << 10)));

    assertEquals(
        List.of(0, 5, 6), news.stream().map(PartitionData::partitionIndex).sorted().toList());
    assertTrue(news.stream().allMatch(data -> size(data) > 0));
  }

  @Test
  void offsetThatWasNotTakenIsTakenWhenItIsRight() throws Exception {
    node.createReplicatedTopic("late", 2);
    node.append("late", 0, 1);
    node.followerFetched("late", 3, 1);
    FetchRequests early = fetch().replica(2).session(second.session, second.epoch++);
    RecordedContext refused = handle(BY_ID, early.from("late", 0, 1, 1, 1 << 20));
    assertEquals(Errors.UNKNOWN_LEADER_EPOCH, error(only(refused)));
    assertEquals(0, node.replica("late", 0).highWatermark());

    FetchRequests right = fetch().replica(2).session(second.session, second.epoch++);
    handle(BY_ID, right.from("late", 0, 1, 0, 1 << 20));

    assertEquals(1, node.replica("late", 0).highWatermark());
  }

  @Test
  void leaderThatFellTellsItsFollowers() throws Exception {
    RecordedContext parked = second.ask(500);

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));
    node.loop.runRound();

    assertEquals(Errors.FENCED_LEADER_EPOCH, error(partitions(parked).getFirst()));
  }

  /** Whatever the order of appends, requests and waits, all comes to know the same. */
  @Test
  void followersGetEverythingAndLearnWhatIsCommitted() {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<Follower> followers = List.of(second, third);
      List<RecordedContext> asked = new ArrayList<>(List.of(second.ask(500), third.ask(500)));
      for (int step = 0; step < 500; step++) {
        switch (random.nextInt(4)) {
          case 0, 1 -> node.append("safe", random.nextInt(MANY), 1);
          case 2 -> advance(random.nextInt(8));
          default -> advance(random.nextInt(200));
        }
        for (int i = 0; i < 2; i++) {
          if (asked.get(i).isEnded() && random.nextBoolean()) {
            followers.get(i).take(asked.get(i));
            asked.set(i, followers.get(i).ask(random.nextInt(3) == 0 ? 0 : 500));
          }
        }
      }
      for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 2; i++) {
          while (!asked.get(i).isEnded()) {
            advance(100);
          }
          followers.get(i).take(asked.get(i));
          asked.set(i, followers.get(i).ask(round == 5 ? 0 : 500));
        }
      }
      for (int i = 0; i < 2; i++) {
        followers.get(i).take(asked.get(i));
        for (int p = 0; p < MANY; p++) {
          assertEquals(replica(p).logEndOffset(), followers.get(i).offsets[p], "seed " + seed);
          assertEquals(replica(p).logEndOffset(), followers.get(i).watermarks[p], "seed " + seed);
        }
      }
    }
  }

  private void advance(long ms) {
    nowMs += ms;
    node.loop.advance(ms);
  }
}
