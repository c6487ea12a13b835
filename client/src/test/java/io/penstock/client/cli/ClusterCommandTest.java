package io.penstock.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.client.InMemoryCluster;
import io.penstock.client.InMemoryTopics;
import io.penstock.client.net.FakeBroker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What an operator types to see how the cluster is and to change who votes. */
@Timeout(60)
class ClusterCommandTest {

  private final FakeBroker broker = new FakeBroker();
  private final InMemoryCluster cluster = InMemoryCluster.serve(broker);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void serveTopics() {
    InMemoryTopics.serve(broker);
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void showsNodesGroupsAndPartitionsOfAHealthyCluster() {
    cluster.broker(1, false).broker(2, false).broker(4, false);
    cluster.voter(1, 1).voter(2, 2).observer(4, 4);

    assertEquals(0, run("status"), err::toString);

    assertEquals(
        """
        cluster test

        NODE  ADDRESS     PEERS AT    RACK  STATE  ROLE
           1  node1:9092  node1:9093  east  up     voter
           2  node2:9092  node2:9093        up     voter
           4  node4:9092                    up     observer

        leadership: leader 1, epoch 7, committed 5000
          NODE  ROLE      LAG  HEARD OF   DIRECTORY
             1  leader      0  0 ms ago   AAAAAAAAAAAAAAAAAAAAAQ
             2  voter       0  0 ms ago   AAAAAAAAAAAAAAAAAAAAAg
             4  observer    3  20 ms ago  AAAAAAAAAAAAAAAAAAAABA

        metadata: leader 1, epoch 7, committed 5000
          NODE  ROLE      LAG  HEARD OF   DIRECTORY
             1  leader      0  0 ms ago   AAAAAAAAAAAAAAAAAAAAAQ
             2  voter       0  0 ms ago   AAAAAAAAAAAAAAAAAAAAAg
             4  observer    3  20 ms ago  AAAAAAAAAAAAAAAAAAAABA

        0 topics, 0 partitions: 0 under-replicated, 0 offline

        healthy
        """,
        takeOut());
    assertEquals("", err.toString());
  }

  @Test
  void namesWhatIsNotHealthyAndEndsWithACodeOfItsOwn() {
    cluster.broker(1, false).broker(2, true);
    cluster.voter(1, 1).voter(2, 2, 10, InMemoryCluster.NOW_MS - 30_000, 0);

    assertEquals(3, run("status"));

    assertTrue(takeOut().endsWith("not healthy\n"));
    assertEquals(
        """
        penstock: not healthy: voter 2 has not been heard of for 30 s (leadership, metadata)
        penstock: not healthy: broker 2 is fenced: it is down, or still catching up
        """,
        takeErr());
  }

  @Test
  void showsWhatIsKnownWhereAGroupHasNoLeader() {
    cluster.broker(1, false).voter(1, 1).quorumError(Errors.LEADER_NOT_AVAILABLE);

    assertEquals(3, run("status"));

    String shown = takeOut();
    assertTrue(shown.contains("leadership: no leader"), shown);
    assertTrue(shown.contains("metadata: leader 1"), shown);
    assertTrue(takeErr().contains("no leader of leadership: nobody leads; a majority"));
  }

  @Test
  void jsonIsForScripts() throws Exception {
    cluster.broker(1, false).broker(2, true).voter(1, 1).observer(2, 2);

    assertEquals(3, run("status", "--json"));

    JsonNode status = new ObjectMapper().readTree(takeOut());
    assertFalse(status.get("healthy").asBoolean());
    assertEquals(1, status.get("problems").size());
    assertEquals("observer", status.get("nodes").get(1).get("role").asText());
    assertTrue(status.get("nodes").get(1).get("fenced").asBoolean());
    JsonNode group = status.get("groups").get(1);
    assertEquals("metadata", group.get("name").asText());
    assertEquals(1, group.get("leader").asInt());
    assertEquals(3, group.get("observers").get(0).get("lag").asInt());
    assertEquals(20, group.get("observers").get(0).get("lastContactMsAgo").asInt());
    assertEquals(0, status.get("partitions").get("offline").asInt());
  }

  @Test
  void brokerThatIsNotThereIsAFailure() {
    broker.close();

    assertEquals(1, run("status"));
    assertTrue(takeErr().contains(address));
  }

  @Test
  void addsAndRemovesVoters() {
    assertEquals(0, run("voters", "add", "4", "--directory-id", "AAAAAAAAAAAAAAAAAAAABA"));
    assertEquals(0, run("voters", "add", "5"));
    assertEquals(
        0, run("voters", "remove", "4", "--directory-id", "00000000-0000-0000-0000-000000000004"));

    assertEquals(List.of("add 4/4", "add 5/0", "remove 4/4"), cluster.changes());
    assertEquals("node 4 votes\nnode 5 votes\nnode 4 does not vote any more\n", takeOut());
  }

  @Test
  void refusalsSayWhatToDo() {
    cluster.voterError(Errors.DUPLICATE_VOTER);
    assertEquals(1, run("voters", "add", "4"));
    assertTrue(takeErr().contains("'penstock cluster status' shows who votes"));

    cluster.voterError(Errors.REQUEST_TIMED_OUT);
    assertEquals(1, run("voters", "add", "4"));
    assertTrue(takeErr().contains("then ask again"));
  }

  @Test
  void replacesALostDirectoryByTheOneThatTheNodeHasNow() {
    cluster.voter(1, 1).voter(3, 3).observer(3, 33);

    assertEquals(0, run("voters", "replace", "3"));

    assertEquals(List.of("remove 3/3", "add 3/33"), cluster.changes());
    assertEquals("node 3 votes under directory AAAAAAAAAAAAAAAAAAAAIQ\n", takeOut());
  }

  @Test
  void finishesAReplacementThatWasInterrupted() {
    cluster.voter(1, 1).observer(3, 33);

    assertEquals(0, run("voters", "replace", "3"));

    assertEquals(List.of("add 3/33"), cluster.changes());
  }

  @Test
  void replacesNothingThatIsAsItShouldBe() {
    cluster.voter(1, 1).voter(3, 33);

    assertEquals(0, run("voters", "replace", "3", "--directory-id", "AAAAAAAAAAAAAAAAAAAAIQ"));

    assertEquals(List.of(), cluster.changes());
  }

  @Test
  void takesNoVoteFromANodeThatHasNothingToVoteUnder() {
    cluster.voter(1, 1).voter(3, 3);

    assertEquals(1, run("voters", "replace", "3"));
    assertTrue(takeErr().contains("does not run as an observer"));
    assertEquals(1, run("voters", "replace", "7"));
    assertTrue(takeErr().contains("is not in the cluster"));

    assertEquals(List.of(), cluster.changes());
  }

  @Test
  void saysThatANodeIsWithoutVoteWhereReplacingStopsHalfway() {
    cluster.voter(1, 1).voter(3, 3).observer(3, 33).voterError(Errors.BROKER_NOT_AVAILABLE);

    assertEquals(1, run("voters", "replace", "3"));

    String said = takeErr();
    assertTrue(said.contains("node 3 has no vote at present"), said);
    assertTrue(said.contains("start the node"), said);
  }

  @Test
  void changesNothingWhileAGroupHasNoLeader() {
    cluster.voter(1, 1).voter(3, 3).observer(3, 33).quorumError(Errors.LEADER_NOT_AVAILABLE);

    assertEquals(1, run("voters", "replace", "3"));

    assertTrue(takeErr().contains("no leader of leadership"));
    assertEquals(List.of(), cluster.changes());
  }

  @Test
  void silentBrokerIsWaitedForNoLongerThanAllowed() {
    for (ApiKeys api :
        List.of(ApiKeys.DESCRIBE_CLUSTER, ApiKeys.DESCRIBE_QUORUM, ApiKeys.METADATA)) {
      broker.on(api, e -> {});
    }

    assertEquals(1, run("status", "--timeout", "1"));
    String said = takeErr();
    assertTrue(said.contains("--timeout"), said);
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertEquals(2, execute(List.of()));
    assertEquals(2, execute(List.of("voters")));
    assertEquals(2, run("voters", "add"));
    assertEquals(2, run("voters", "add", "x"));
    assertEquals(2, run("voters", "add", "4", "--directory-id", "no id"));
    for (List<String> command :
        List.of(
            List.of("status"),
            List.of("voters"),
            List.of("voters", "add"),
            List.of("voters", "remove"),
            List.of("voters", "replace"))) {
      List<String> help = new ArrayList<>(command);
      help.add("--help");
      assertEquals(0, execute(help), command::toString);
    }
  }

  private final String address = broker.endpoint().toString();

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--bootstrap-server", address));
    return execute(all);
  }

  private int execute(List<String> arguments) {
    return new CommandLine(new ClusterCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments.toArray(new String[0]));
  }

  private String takeOut() {
    return take(out);
  }

  private String takeErr() {
    return take(err);
  }

  private static String take(StringWriter written) {
    String text = written.toString().replace(System.lineSeparator(), "\n");
    written.getBuffer().setLength(0);
    return text;
  }
}
