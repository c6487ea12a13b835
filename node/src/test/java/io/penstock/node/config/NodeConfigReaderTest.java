package io.penstock.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the reader to its messages, word for word: they are what an operator sees. */
class NodeConfigReaderTest {

  private static final String EVERYTHING =
      """
      node: {id: 7, rack: b}
      cluster:
        name: orders
        voters: [7@10.0.0.7:9193]
      data:
        directories: [/disk1, /disk2]
        adopt-kafka-data: true
        retention-check: 30s
        recovery-threads: 3
      listener:
        address: 0.0.0.0:9092
        advertised: "[fd00::7]:19092"
      limits:
        request: 10MiB
        memory: 1GiB
        connections: 50
        connection-idle: 2m
        fetch: 1MiB
        fetch-sessions: 10
        partitions: 99
      threads: {event-loops: 5, cold-reads: 2}
      topics:
        auto-create: false
        partitions: 6
        replication-factor: 1
        defaults:
          retention.ms: 3d
          segment.bytes: 64MiB
          cleanup.policy: [delete]
      """;

  @Test
  void anEmptyFileGivesTheDefaults() throws ConfigException {
    NodeConfig config = NodeConfigReader.parse("p.yaml", "");

    NodeConfig defaults =
        NodeConfig.defaults(Path.of("penstock-data"), new HostPort("127.0.0.1", 9092));
    assertEquals(defaults, config);
  }

  @Test
  void everySettingReachesItsPlace() throws ConfigException {
    NodeConfig config = NodeConfigReader.parse("p.yaml", EVERYTHING);

    assertEquals(new NodeConfig.Identity(7, "b"), config.node());
    assertEquals(
        new NodeConfig.Cluster(
            "orders", List.of(new NodeConfig.Voter(7, new HostPort("10.0.0.7", 9193)))),
        config.cluster());
    assertEquals(
        new NodeConfig.Data(
            List.of(Path.of("/disk1"), Path.of("/disk2")), true, Duration.ofSeconds(30), 3),
        config.data());
    assertEquals(new HostPort("fd00::7", 19092), config.listener().advertised());
    assertEquals(
        new NodeConfig.Limits(10 << 20, 1L << 30, 50, Duration.ofMinutes(2), 1 << 20, 10, 99),
        config.limits());
    assertEquals(new NodeConfig.Threads(5, 2), config.threads());
    assertEquals(
        new NodeConfig.Topics(
            false,
            6,
            1,
            Map.of(
                "retention.ms", "259200000",
                "segment.bytes", "67108864",
                "cleanup.policy", "delete")),
        config.topics());
  }

  @Test
  void theFileOfTheDistributionHoldsTheDefaults() throws ConfigException, IOException {
    String text = Files.readString(Path.of("src/dist/conf/penstock.yaml"));

    assertEquals(
        NodeConfigReader.parse("p.yaml", ""), NodeConfigReader.parse("penstock.yaml", text));
  }

  @Test
  void everyDefaultShownInTheFileOfTheDistributionIsTaken() throws ConfigException, IOException {
    String text =
        Files.readString(Path.of("src/dist/conf/penstock.yaml"))
            .lines()
            .map(line -> line.matches(" +# [a-z.-]+: .*") ? line.replaceFirst("# ", "") : line)
            .reduce("", (lines, line) -> lines + line + "\n");

    NodeConfig config = NodeConfigReader.parse("penstock.yaml", text);

    assertEquals("a", config.node().rack());
    assertEquals("604800000", config.topics().defaults().get("retention.ms"));
    assertEquals(NodeConfigReader.parse("p.yaml", "").cluster(), config.cluster());
  }

  @Test
  void unknownSettingsAreRefusedWithTheLikelyName() {
    assertProblems(
        """
        listner:
          address: 127.0.0.1:9092
        limits:
          requests: 1MiB
        topics:
          defaults:
            retention_ms: 7d
            surprise: 1
        """,
        "p.yaml:4: unknown setting `requests` in `limits`; did you mean `request`?",
        "p.yaml:7: unknown setting `retention_ms` in `topics.defaults`; did you mean"
            + " `retention.ms`?",
        "p.yaml:8: unknown setting `surprise` in `topics.defaults`; known here: ",
        "p.yaml:1: unknown setting `listner`; did you mean `listener`?");
  }

  @Test
  void wrongUnitsAreRefusedWithWhatToWrite() {
    assertProblems(
        """
        data:
          retention-check: 5min
        limits:
          request: 100MB
          memory: 1048576
          connection-idle: 600
        """,
        "p.yaml:2: `data.retention-check` cannot be `5min`; write a whole number and ms, s, m, h"
            + " or d, for example 30s",
        "p.yaml:4: `limits.request` cannot be `100MB`; write 100MiB",
        "p.yaml:5: `limits.memory` cannot be `1048576`; give it a unit: 1048576B, or 1048576MiB",
        "p.yaml:6: `limits.connection-idle` cannot be `600`; give it a unit: 600ms, or 600s");
  }

  @Test
  void impossibleValuesAreRefusedWithTheirRange() {
    assertProblems(
        """
        node:
          id: -3
        data:
          directories: [a, ./a]
        listener:
          address: 0.0.0.0:9092
        limits:
          request: 1GiB
          memory: 1MiB
        threads:
          event-loops: many
        topics:
          auto-create: yes please
          defaults:
            cleanup.policy: compact
            segment.bytes: 1KiB
        """,
        "p.yaml:2: `node.id` cannot be `-3`; write a whole number from 0 to 2147483647",
        "p.yaml:4: `data.directories` cannot be `./a`; name each directory once",
        "p.yaml:6: `listener.address` cannot be `0.0.0.0:9092`; clients cannot connect to a"
            + " wildcard: also set `listener.advertised` to HOST:PORT",
        "p.yaml:9: `limits.memory` cannot be `1MiB`; it has to hold one request of"
            + " `limits.request`, 1GiB",
        "p.yaml:11: `threads.event-loops` cannot be `many`; write a whole number from 0 to 1024",
        "p.yaml:13: `topics.auto-create` cannot be `yes please`; write true or false",
        "p.yaml:15: `topics.defaults.cleanup.policy` cannot be `compact`; compaction is not"
            + " available in this version: use `delete`, or an empty value to keep everything",
        "p.yaml:16: `topics.defaults.segment.bytes` cannot be `1KiB`; it has to be at least"
            + " 1048576");
  }

  @Test
  void theOnlyVoterHasToBeThisNode() {
    assertProblems(
        "cluster:\n  voters: [2@h:1]\n",
        "p.yaml:2: `cluster.voters` cannot be `[2@h:1]`; the only voter has to be this node, 1");
    assertProblems(
        "cluster:\n  voters: [1@h:1, 2@h:2]\n",
        "p.yaml:2: `cluster.voters` cannot be `[1@h:1, 2@h:2]`; this version runs clusters of one"
            + " node: name this node alone, or leave `voters` out");
    assertProblems(
        "cluster:\n  voters: [somewhere]\n",
        "p.yaml:2: `cluster.voters` cannot hold `somewhere`; write ID@HOST:PORT, e.g."
            + " 1@10.0.0.5:9093");
  }

  @Test
  void malformedYamlIsRefusedWithItsLine() {
    ConfigException tab =
        assertThrows(
            ConfigException.class, () -> NodeConfigReader.parse("p.yaml", "node:\n\tid: 1\n"));
    assertTrue(tab.problems().getFirst().startsWith("p.yaml:2: not YAML: "), tab.getMessage());

    assertProblems("- a\n", "p.yaml:1: expected `key: value` lines");
    assertProblems(
        "node: 5\n", "p.yaml:1: `node` holds settings of its own; indent them below `node:`");
    assertProblems("node:\n  id: 1\nnode:\n  id: 2\n", "p.yaml:3: `node` is already set on line 1");
    assertProblems(
        "node:\n  rack: [a]\n", "p.yaml:2: `node.rack` takes one value; write `rack: VALUE`");
  }

  @Test
  void aMissingFileIsNamed() {
    ConfigException missing =
        assertThrows(
            ConfigException.class, () -> NodeConfigReader.read(Path.of("/nowhere/p.yaml")));

    assertEquals(
        "/nowhere/p.yaml: no such file; name one with --config, or start with `penstock dev`",
        missing.getMessage());
  }

  @Test
  void addressesAreHostsAndPorts() {
    assertEquals("[::1]:9", HostPort.parse("[::1]:9").orElseThrow().toString());
    assertNull(HostPort.parse("localhost").orElse(null));
    assertNull(HostPort.parse("::1:9").orElse(null));
    assertNull(HostPort.parse("host:70000").orElse(null));
    assertNull(HostPort.parse(":9092").orElse(null));
  }

  private static void assertProblems(String text, String... expected) {
    ConfigException refused =
        assertThrows(ConfigException.class, () -> NodeConfigReader.parse("p.yaml", text));
    assertEquals(expected.length, refused.problems().size(), refused.getMessage());
    for (int i = 0; i < expected.length; i++) {
      String problem = refused.problems().get(i);
      boolean open = expected[i].endsWith("known here: ");
      assertTrue(
          open ? problem.startsWith(expected[i]) : problem.equals(expected[i]),
          "expected " + expected[i] + "\nbut was  " + problem);
    }
  }
}
