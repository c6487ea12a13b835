package io.penstock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.client.ClusterDescription.Broker;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import io.penstock.client.net.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is called healthy, and what is not. */
class ClusterStatusTest {

  private static final long NOW_MS = 1_000_000;
  private static final long END = 5_000;

  private final List<Broker> brokers = new ArrayList<>(List.of(broker(1, false)));
  private final List<Member> voters = new ArrayList<>(List.of(upToDate(1), upToDate(2)));
  private final List<Member> observers = new ArrayList<>();
  private final List<TopicDescription> topics = new ArrayList<>();

  @Test
  void clusterWhereNothingIsAmissIsHealthy() {
    observers.add(new Member(4, id(4), -1, -1, -1));
    topics.add(topic("a", partition(0, 1, List.of(1, 2), List.of(1))));

    assertEquals(List.of(), problems());
    assertEquals(1, PartitionCounts.of(topics).underReplicated());
  }

  @Test
  void voterThatIsNotHeardOfIsTakenForDead() {
    voters.add(new Member(3, id(3), END, NOW_MS - 12_345, NOW_MS - 12_345));
    voters.add(new Member(4, id(4), -1, -1, -1));

    assertEquals(
        List.of(
            "voter 3 has not been heard of for 12 s (leadership, metadata)",
            "voter 4 has not been heard of (leadership, metadata)"),
        problems());
  }

  @Test
  void silenceIsMeasuredByTheLeadersClock() {
    voters.add(new Member(3, id(3), END, NOW_MS - 5_000, NOW_MS));

    assertEquals(List.of(), status(NOW_MS + 3_600_000).problems());
  }

  @Test
  void voterLagsThatIsFarBehindForAWhile() {
    voters.add(new Member(3, id(3), END - 1_001, NOW_MS, NOW_MS - 10_001));
    voters.add(new Member(4, id(4), END - 1_001, NOW_MS, NOW_MS - 10_000));
    voters.add(new Member(5, id(5), END - 1_000, NOW_MS, -1));

    assertEquals(List.of("voter 3 is 1001 entries behind (leadership, metadata)"), problems());
  }

  @Test
  void voterThatObservesVotesUnderALostDirectory() {
    observers.add(new Member(2, id(9), END, NOW_MS, NOW_MS));

    assertEquals(
        List.of(
            "voter 2 votes under a directory that it no longer has:"
                + " 'penstock cluster voters replace 2' (leadership, metadata)"),
        problems());
  }

  @Test
  void fencedBrokersAndPartitionsWithoutLeaderAreNamed() {
    brokers.add(broker(2, true));
    for (int i = 0; i < 6; i++) {
      topics.add(topic("t" + i, partition(0, -1, List.of(2), List.of(2))));
    }

    assertEquals(
        List.of(
            "broker 2 is fenced: it is down, or still catching up",
            "6 partitions have no leader: t0-0, t1-0, t2-0, t3-0, t4-0 and 1 more"),
        problems());
  }

  @Test
  void groupWithoutLeaderIsNamedWithWhatItTakes() {
    Group leaderless =
        new Group("leadership", -1, -1, -1, List.of(), List.of(), "nobody was elected");
    ClusterStatus status =
        new ClusterStatus(
            new ClusterDescription("c", 1, brokers),
            new QuorumDescription(List.of(leaderless, group("metadata")), Map.of()),
            PartitionCounts.of(topics),
            NOW_MS);

    assertEquals(
        List.of(
            "no leader of leadership: nobody was elected; a majority of its voters has to run and"
                + " reach each other"),
        status.problems());
  }

  private List<String> problems() {
    return status(NOW_MS).problems();
  }

  private ClusterStatus status(long askedAtMs) {
    return new ClusterStatus(
        new ClusterDescription("c", 1, brokers),
        new QuorumDescription(List.of(group("leadership"), group("metadata")), Map.of()),
        PartitionCounts.of(topics),
        askedAtMs);
  }

  private Group group(String name) {
    return new Group(name, 1, 7, END, voters, observers, "");
  }

  private static Member upToDate(int id) {
    return new Member(id, id(id), END, NOW_MS, NOW_MS);
  }

  private static Broker broker(int id, boolean fenced) {
    return new Broker(id, new Endpoint("node" + id, 9092), null, fenced);
  }

  private static UUID id(int directory) {
    return new UUID(0, directory);
  }

  private static TopicDescription topic(String name, PartitionDescription... partitions) {
    return new TopicDescription(name, new UUID(1, 1), false, List.of(partitions));
  }

  private static PartitionDescription partition(
      int index, int leader, List<Integer> replicas, List<Integer> inSync) {
    return new PartitionDescription(index, leader, 0, replicas, inSync);
  }
}
