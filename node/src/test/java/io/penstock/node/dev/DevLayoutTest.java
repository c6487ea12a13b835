package io.penstock.node.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.config.ConfigException;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports, voters and configurations, planned again and again on one directory. */
final class DevLayoutTest {

  @TempDir Path directory;

  @Test
  void givesEachNodeThePortAfterTheOneBefore() throws DevException {
    DevLayout layout = DevLayout.plan(directory, 3, 9092);

    assertEquals("127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094", layout.bootstrap());
    assertEquals("1@127.0.0.1:9592, 2@127.0.0.1:9593, 3@127.0.0.1:9594", layout.voters());
  }

  @Test
  void letsAnOddNumberOfNodesVoteAndAtMostFive() throws DevException {
    List<Integer> voters = new ArrayList<>();

    for (int count = 1; count <= 7; count++) {
      voters.add(DevLayout.plan(directory, count, 9092).voters().split(",").length);
    }

    assertEquals(List.of(1, 1, 3, 3, 5, 5, 5), voters);
  }

  @Test
  void keepsThreeReplicasWhereThereAreAsManyNodes()
      throws DevException, IOException, ConfigException {
    for (int count : new int[] {1, 2, 3, 4}) {
      Path home = directory.resolve("of" + count);
      DevLayout.plan(home, count, 9092).write();

      NodeConfig config = NodeConfigReader.read(home.resolve("node1").resolve("penstock.yaml"));

      assertEquals(Math.min(3, count), config.topics().replicationFactor());
    }
  }

  @Test
  void givesEachNodeAnAdminPortOfTheSystemsChoiceOnLoopback()
      throws DevException, IOException, ConfigException {
    DevLayout.plan(directory, 1, 9092).write();

    NodeConfig config = NodeConfigReader.read(directory.resolve("node1").resolve("penstock.yaml"));

    assertEquals(new HostPort("127.0.0.1", 0), config.admin().address());
  }

  @Test
  void keepsFreePortsThatItChoseOnce() throws DevException, IOException {
    DevLayout first = DevLayout.plan(directory, 3, 0);
    first.write();

    DevLayout second = DevLayout.plan(directory, 3, 0);

    assertEquals(first, second);
  }

  @Test
  void keepsVotersAndPeerPortsWhenNodesAreAddedAndClientsMove() throws DevException, IOException {
    DevLayout first = DevLayout.plan(directory, 3, 9092);
    first.write();

    DevLayout larger = DevLayout.plan(directory, 5, 19092);
    larger.write();

    assertEquals(first.voters(), larger.voters());
    assertEquals(9593, larger.nodes().get(1).peerPort());
    assertEquals(19596, larger.nodes().get(4).peerPort());
    assertEquals(larger, DevLayout.plan(directory, 5, 19092));
    NodeFile second = NodeFile.read(directory.resolve("node2").resolve("penstock.yaml"));
    assertEquals(new NodeFile(19093, 9593, first.voters()), second);
  }

  @Test
  void refusesToLeaveNodesOfTheClusterOut() throws DevException, IOException {
    DevLayout.plan(directory, 3, 9092).write();

    DevException refused =
        assertThrows(DevException.class, () -> DevLayout.plan(directory, 2, 9092));

    assertTrue(String.valueOf(refused.getMessage()).contains("--nodes 3"), refused::toString);
  }

  @Test
  void leavesAnEditedConfigurationAlone() throws DevException, IOException {
    DevLayout layout = DevLayout.plan(directory, 1, 9092);
    layout.write();
    Path file = directory.resolve("node1").resolve("penstock.yaml");
    String edited = Files.readString(file) + "limits:\n  connections: 7\n";
    Files.writeString(file, edited);

    DevLayout.plan(directory, 1, 9092).write();

    assertEquals(edited, Files.readString(file));
  }

  @Test
  void refusesPortsThatDoNotExist() {
    assertThrows(DevException.class, () -> DevLayout.plan(directory, 3, 65_530));
    assertFalse(Files.exists(directory.resolve("node1")));
  }
}
