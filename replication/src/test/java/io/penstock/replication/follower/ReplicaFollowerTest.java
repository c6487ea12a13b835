package io.penstock.replication.follower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.observer.ManualTasks;
import io.penstock.replication.partition.ReplicaHost;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What leaders are asked, when, and what becomes of their answers. */
final class ReplicaFollowerTest {

  private static final int SELF = 1;
  private static final UUID TOPIC = new UUID(5, 6);
  private static final int IN_SYNC = 0;
  private static final int CATCHING_UP = 100;
  private static final long BYTES_PER_SECOND = 100_000;

  private final ManualTasks tasks = new ManualTasks();
  private final Map<Integer, ScriptedLeader> leaders = new HashMap<>();
  private final List<ReplicaHost> hosts = new ArrayList<>();
  private final ArrayDeque<Runnable> blocking = new ArrayDeque<>();
  private final MetricRegistry metrics = new MetricRegistry();
  private ReplicaFollower follower;
  private int partitionEpoch;

  @BeforeEach
  void make() {
    FollowerSettings settings =
        new FollowerSettings(500, 1 << 20, 64 << 10, 100, 1_000, BYTES_PER_SECOND);
    FollowerServices services =
        new FollowerServices(() -> 7, this::endpoint, tasks, blocking::add, new Random(1));
    follower = new ReplicaFollower(SELF, services, settings, metrics);
  }

  private LeaderEndpoint endpoint(int leader, FetchLane lane) {
    ScriptedLeader scripted = new ScriptedLeader();
    leaders.put(leader + (lane == FetchLane.IN_SYNC ? IN_SYNC : CATCHING_UP), scripted);
    return scripted;
  }

  private ScriptedLeader leader(int at) {
    ScriptedLeader leader = leaders.get(at);
    if (leader == null) {
      throw new AssertionError("never asked");
    }
    return leader;
  }

  private static ReplicaKey key(int partition) {
    return new ReplicaKey(TOPIC, partition);
  }

  private ReplicaHost host(int partition) {
    return hosts.get(partition);
  }

  private static ByteBuffer batch(long offset, int epoch) {
    return TestBatch.ofRecords(1).at(offset, epoch).build();
  }

  private PartitionImage image(int leader, int leaderEpoch, int... inSync) {
    return new PartitionImage(
        leader,
        leaderEpoch,
        partitionEpoch++,
        NodeIds.of(1, 2, 3),
        NodeIds.of(inSync),
        NodeIds.NONE);
  }

  private void assign(int partition, PartitionImage image) {
    host(partition).become(image);
    follower.assigned(host(partition).replica(), image);
  }

  /** Partitions that node 2 leads and this one has in sync, which have been asked for. */
  private ScriptedLeader followed(int partitions) throws StorageException {
    for (int i = 0; i < partitions; i++) {
      hosts.add(new ReplicaHost(SELF, new LogId("t", TOPIC, i), LogSettings.defaults(), tasks));
      assign(i, image(2, 0, 1, 2));
    }
    if (partitions > 1) {
      leader(2).answer();
    }
    return leader(2);
  }

  private static List<Integer> changed(ScriptedLeader leader) {
    return leader.last().changed().stream().map(fetch -> fetch.key().partition()).toList();
  }

  private static List<Integer> forgotten(ScriptedLeader leader) {
    return leader.last().forgotten().stream().map(ReplicaKey::partition).toList();
  }

  @Test
  void namesOnlyWhatChangedSinceTheLastFetch() throws StorageException {
    ScriptedLeader leader = followed(4);
    assertEquals(List.of(1, 2, 3), changed(leader), "the first was asked for at once");
    assertEquals(1, leader.hurries, "the leader had to be told once");

    leader.answer(ScriptedLeader.records(key(2), batch(0, 0), 0));

    assertEquals(List.of(2), changed(leader));
    assertEquals(1, leader.last().changed().getFirst().fetchOffset());
    assertEquals(List.of(), forgotten(leader));
    assertFalse(leader.last().fresh());
    assertEquals(2, leader.released);
  }

  @Test
  void answerThatBringsNothingIsFollowedByAFetchThatNamesNothing() throws StorageException {
    ScriptedLeader leader = followed(3);

    leader.answer();

    assertEquals(List.of(), changed(leader));
    assertEquals(500, leader.last().maxWaitMs());
    assertEquals(7, leader.last().brokerEpoch());
  }

  @Test
  void whatIsNotInSyncHasALaneOfItsOwnAndChangesItWithTheIsr() throws StorageException {
    ScriptedLeader inSync = followed(2);
    assign(1, image(2, 0, 2, 3));

    assertEquals(List.of(1), changed(leader(2 + CATCHING_UP)));
    inSync.answer();
    assertEquals(List.of(1), forgotten(inSync));

    assign(1, image(2, 0, 1, 2));
    inSync.answer();

    assertEquals(List.of(1), changed(inSync));
    assertTrue(leader(2 + CATCHING_UP).closed, "nobody is left on it");
  }

  @Test
  void newsOfTheSameRoleChangeNothing() throws StorageException {
    ScriptedLeader leader = followed(1);

    assign(0, image(2, 0, 1, 2, 3));

    assertEquals(1, leader.asked.size());
    assertEquals(0, leader.hurries);
  }

  @Test
  void refusedPartitionIsLeftOutForAWhile() throws StorageException {
    ScriptedLeader leader = followed(2);

    leader.answer(ScriptedLeader.problem(key(0), FetchProblem.UNKNOWN_LEADER_EPOCH));
    assertEquals(List.of(0), forgotten(leader));
    assertTrue(leader.last().maxWaitMs() <= 120, "until the time to try again");
    tasks.advance(150);
    leader.answer();

    assertEquals(List.of(0), changed(leader));
  }

  @Test
  void partitionThatIsAloneIsNotAskedForBeforeItsTime() throws StorageException {
    ScriptedLeader leader = followed(1);
    leader.answer(ScriptedLeader.problem(key(0), FetchProblem.NOT_LEADER));
    assertFalse(leader.isAsked());

    tasks.advance(150);

    assertEquals(List.of(0), changed(leader));
  }

  @Test
  void bytesThatWereAskedForInAnEarlierLeaderEpochAreDropped() throws StorageException {
    ScriptedLeader leader = followed(1);
    PartitionImage next = image(2, 1, 1, 2);
    host(0).become(next);

    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 1));
    assertEquals(0, host(0).replica().logEndOffset());
    follower.assigned(host(0).replica(), next);

    assertEquals(1, leader.last().changed().getFirst().leaderEpoch());
  }

  @Test
  void bytesOfALaterLeaderEpochAreNotStored() throws StorageException {
    ScriptedLeader leader = followed(1);

    leader.answer(ScriptedLeader.records(key(0), batch(0, 1), 1));

    assertEquals(0, host(0).replica().logEndOffset());
    assertFalse(leader.isAsked(), "waits");
  }

  @Test
  void otherLeaderIsAskedAtOnceAndTheFormerOneNoMore() throws StorageException {
    ScriptedLeader former = followed(1);

    assign(0, image(3, 1, 1, 3));

    assertTrue(former.closed);
    assertEquals(List.of(0), changed(leader(3)));
    assertTrue(leader(3).last().fresh());
  }

  @Test
  void nobodyIsAskedWhereThereIsNoLeaderOrThisNodeLeads() throws StorageException {
    ScriptedLeader leader = followed(2);

    assign(0, image(PartitionImage.NO_LEADER, 1, 1, 2));
    assign(1, image(SELF, 1, 1, 2));

    assertTrue(leader.closed);
    assertEquals(1, leaders.size());
  }

  @Test
  void lostConnectionIsTriedAgainLaterAndEverythingIsNamed() throws StorageException {
    ScriptedLeader leader = followed(3);
    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 0));

    leader.fail();
    assertFalse(leader.isAsked());
    tasks.advance(130);

    assertTrue(leader.last().fresh());
    assertEquals(List.of(1, 2, 0), changed(leader), "who had something comes last");
  }

  @Test
  void lostSessionIsBegunAnewAtOnceButNotForEver() throws StorageException {
    ScriptedLeader leader = followed(1);

    leader.loseSession();
    assertTrue(leader.last().fresh());
    leader.loseSession();

    assertFalse(leader.isAsked());
    tasks.advance(200);
    assertTrue(leader.isAsked());
  }

  @Test
  void logIsCutElsewhereAndTheOthersGoOnMeanwhile() throws StorageException {
    ScriptedLeader leader = followed(2);
    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 0));

    leader.answer(ScriptedLeader.diverging(key(0), 0, 0));
    assertEquals(List.of(0), forgotten(leader));
    assertEquals(1, host(0).replica().logEndOffset());
    assertTrue(leader.last().maxWaitMs() < 10, "it is about to come back");
    blocking.remove().run();
    leader.answer();

    assertEquals(0, host(0).replica().logEndOffset());
    assertEquals(List.of(0), changed(leader));
  }

  @Test
  void cutThatIsOvertakenByARoleIsNotMade() throws StorageException {
    ScriptedLeader leader = followed(1);
    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 0));
    leader.answer(ScriptedLeader.diverging(key(0), 0, 0));

    assign(0, image(SELF, 1, 1, 2));
    blocking.remove().run();

    assertEquals(1, host(0).replica().logEndOffset());
  }

  @Test
  void cutThatLeadsNowhereIsNotRepeatedAtOnce() throws StorageException {
    ScriptedLeader leader = followed(1);
    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 0));

    leader.answer(ScriptedLeader.diverging(key(0), 0, 5));
    blocking.remove().run();

    assertFalse(leader.isAsked());
    assertEquals(1, host(0).replica().logEndOffset());
  }

  @Test
  void catchingUpIsKeptBelowItsRateAndBeingInSyncIsNot() throws StorageException {
    ScriptedLeader inSync = followed(2);
    assign(1, image(2, 0, 2, 3));
    ScriptedLeader catchingUp = leader(2 + CATCHING_UP);
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[300_000]).at(0, 0).build();

    catchingUp.answer(ScriptedLeader.records(key(1), large, 0));
    inSync.answer(ScriptedLeader.records(key(0), large.duplicate(), 0));

    assertTrue(inSync.isAsked());
    assertFalse(catchingUp.isAsked());
    tasks.advance(1_500);
    assertFalse(catchingUp.isAsked());
    tasks.advance(700);
    assertTrue(catchingUp.isAsked());
    assertTrue(catchingUp.last().maxBytes() <= BYTES_PER_SECOND);
  }

  @Test
  void tellsHowManyPartitionsAreCatchingUpAndWhatTheyTook() throws StorageException {
    followed(3);
    assertEquals(0, catchingUp());

    assign(1, image(2, 0, 2, 3));
    assign(2, image(2, 0, 2, 3));
    leader(2 + CATCHING_UP).answer(ScriptedLeader.records(key(1), batch(0, 0), 0));
    assertEquals(2, catchingUp());
    assertEquals(
        batch(0, 0).remaining(), metrics.counter("penstock.follower.catching-up.bytes").getCount());

    assign(1, image(2, 0, 1, 2, 3));
    follower.removed(host(2).replica());
    assertEquals(0, catchingUp());
  }

  private Object catchingUp() {
    Gauge<?> gauge = metrics.getGauges().get("penstock.follower.catching-up.partitions");
    return Objects.requireNonNull(gauge).getValue();
  }

  @Test
  void removedReplicaIsAskedForNoMore() throws StorageException {
    ScriptedLeader leader = followed(2);

    follower.removed(host(0).replica());
    leader.answer(ScriptedLeader.records(key(0), batch(0, 0), 0));

    assertEquals(0, host(0).replica().logEndOffset());
    assertEquals(List.of(0), forgotten(leader));
  }

  @Test
  void closedFollowerAsksAndWritesNothing() throws StorageException {
    ScriptedLeader leader = followed(1);
    int asked = leader.asked.size();

    follower.close();
    assign(0, image(3, 1, 1, 3));
    tasks.advance(5_000);

    assertTrue(leader.closed);
    assertEquals(asked, leader.asked.size());
    assertEquals(1, leaders.size());
  }
}
