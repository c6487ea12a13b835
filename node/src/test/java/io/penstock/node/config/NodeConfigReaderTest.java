package io.penstock.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
        voters: [8@10.0.0.8:9193, 7@10.0.0.7:9193]
        session-timeout: 9s
        heartbeat: 2s
        stall-timeout: 10s
      data:
        directories: [/disk1, /disk2]
        adopt-kafka-data: true
        retention-check: 30s
        recovery-threads: 3
      listener:
        address: 0.0.0.0:9092
        advertised: "[fd00::7]:19092"
      peer:
        address: 0.0.0.0:9193
      admin:
        address: 127.0.0.1:9094
      replication:
        lag-time-max: 10s
        fetch: 4MiB
        fetch-partition: 256KiB
        catch-up-rate: 50MiB
      limits:
        request: 10MiB
        memory: 1GiB
        connections: 50
        connection-idle: 2m
        fetch: 1MiB
        fetch-sessions: 10
        partitions: 99
      threads: {event-loops: 5, cold-reads: 2}
      cleaner: {threads: 2, memory: 64MiB, unpacked-batch: 8MiB, rate: 10MiB, check: 1m}
      groups:
        initial-rebalance-delay: 500ms
        members: 70
        session-timeout-min: 2s
        session-timeout-max: 5m
        memory: 32MiB
        offsets-retention: 7d
        offset-metadata: 100
        lag-check: off
        lag-gauges: 12
        consumer-session-timeout: 10s
        consumer-heartbeat: 1s
        consumer-session-timeout-min: 8s
        consumer-session-timeout-max: 20s
        consumer-heartbeat-min: 500ms
        consumer-heartbeat-max: 3s
        consumer-members: 80
        consumer-assignors: [range]
        consumer-migration: upgrade
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

    assertEquals(new NodeConfig.Identity(7, "b", true), config.node());
    assertEquals(
        new NodeConfig.Cluster(
            "orders",
            List.of(
                new NodeConfig.Voter(7, new HostPort("10.0.0.7", 9193)),
                new NodeConfig.Voter(8, new HostPort("10.0.0.8", 9193))),
            List.of(),
            Duration.ofSeconds(9),
            Duration.ofSeconds(2),
            new NodeConfig.Stall(Duration.ofSeconds(10), true)),
        config.cluster());
    assertEquals(
        new NodeConfig.Listener(new HostPort("0.0.0.0", 9193), new HostPort("10.0.0.7", 9193)),
        config.peer());
    assertEquals(new NodeConfig.Admin(new HostPort("127.0.0.1", 9094)), config.admin());
    assertEquals(
        new NodeConfig.Data(
            List.of(Path.of("/disk1"), Path.of("/disk2")), true, Duration.ofSeconds(30), 3),
        config.data());
    assertEquals(new HostPort("fd00::7", 19092), config.listener().advertised());
    assertEquals(
        new NodeConfig.Replication(Duration.ofSeconds(10), 4 << 20, 256 << 10, 50 << 20),
        config.replication());
    assertEquals(
        new NodeConfig.Limits(10 << 20, 1L << 30, 50, Duration.ofMinutes(2), 1 << 20, 10, 99),
        config.limits());
    assertEquals(new NodeConfig.Threads(5, 2), config.threads());
    assertEquals(
        new NodeConfig.Cleaner(2, 64 << 20, 8 << 20, 10 << 20, Duration.ofMinutes(1)),
        config.cleaner());
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
  void aProcessMayStandStillForNoLessThanASession() throws ConfigException {
    assertProblems(
        "cluster: {session-timeout: 6s, stall-timeout: 5s}",
        "p.yaml:1: `cluster.stall-timeout` cannot be `5s`; write something from 6s to 1h");

    NodeConfig off = NodeConfigReader.parse("p.yaml", "cluster: {stall-timeout: off}");
    NodeConfig byDefault = NodeConfigReader.parse("p.yaml", "");
    NodeConfig auto =
        NodeConfigReader.parse("p.yaml", "cluster: {session-timeout: 6s, stall-timeout: auto}");
    NodeConfig always = NodeConfigReader.parse("p.yaml", "cluster: {stall-timeout: 4s}");
    assertNull(off.cluster().stall());
    assertEquals(new NodeConfig.Stall(Duration.ofSeconds(4), false), byDefault.cluster().stall());
    assertEquals(new NodeConfig.Stall(Duration.ofSeconds(6), false), auto.cluster().stall());
    assertEquals(new NodeConfig.Stall(Duration.ofSeconds(4), true), always.cluster().stall());
  }

  @Test
  void whatIsReadTwiceIsComplainedOfOnce() {
    assertProblems(
        "cluster: {stall-timeout: [4s]}",
        "p.yaml:1: `cluster.stall-timeout` takes one value; write `stall-timeout: VALUE`");
  }

  @Test
  void everySettingOfGroupsReachesItsPlace() throws ConfigException {
    NodeConfig config = NodeConfigReader.parse("p.yaml", EVERYTHING);

    assertEquals(
        new NodeConfig.Groups(
            Duration.ofMillis(500),
            70,
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            32 << 20,
            new NodeConfig.Offsets(Duration.ofDays(7), 100),
            new NodeConfig.Lag(NodeConfig.Lag.OFF, 12),
            new NodeConfig.Consumers(
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                80,
                List.of("range"),
                NodeConfig.Migration.UPGRADE,
                new NodeConfig.Bounds(
                    Duration.ofSeconds(8),
                    Duration.ofSeconds(20),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(3)))),
        config.groups());
  }

  @Test
  void theTimesOfGroupsAreWithinTheirBounds() throws ConfigException {
    NodeConfig.Bounds bounds =
        NodeConfigReader.parse(
                "p.yaml", "groups: {consumer-session-timeout: 2m, consumer-heartbeat: 1s}")
            .groups()
            .consumers()
            .bounds();

    assertEquals(
        new NodeConfig.Bounds(
            Duration.ofSeconds(45),
            Duration.ofMinutes(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(15)),
        bounds);
    assertProblems(
        """
        groups:
          consumer-session-timeout-min: 50s
          consumer-heartbeat-max: 2s
        """,
        "p.yaml:2: `groups.consumer-session-timeout-min` cannot be `50000ms`; write at most what"
            + " `groups.consumer-session-timeout` is, 45000ms",
        "p.yaml:3: `groups.consumer-heartbeat-max` cannot be `2000ms`; write at least what"
            + " `groups.consumer-heartbeat` is, 5000ms");
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
  void anAdminPortIsOffUnlessItHasAnAddressOfItsOwn() throws ConfigException {
    assertNull(NodeConfigReader.parse("p.yaml", "admin: {address: off}").admin().address());
    assertNull(NodeConfigReader.parse("p.yaml", "admin:").admin().address());
    assertProblems(
        "admin: {address: '127.0.0.1:9092'}",
        "p.yaml:1: `admin.address` cannot be `127.0.0.1:9092`; clients or nodes connect there: name"
            + " another port");
    assertProblems(
        "admin: {port: 9094}", "p.yaml:1: unknown setting `port` in `admin`; known here: address");
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
            cleanup.policy: purge
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
        "p.yaml:15: `topics.defaults.cleanup.policy` cannot be `purge`; each item has to be"
            + " one of compact, delete",
        "p.yaml:16: `topics.defaults.segment.bytes` cannot be `1KiB`; it has to be at least"
            + " 1048576");
  }

  @Test
  void aNodeThatIsToldNothingIsItsOwnVoterWhereItsPeersReachIt() throws ConfigException {
    NodeConfig config =
        NodeConfigReader.parse(
            "p.yaml", "node: {id: 4}\npeer: {address: '0.0.0.0:7', advertised: 'h:8'}\n");

    assertEquals(List.of(new NodeConfig.Voter(4, new HostPort("h", 8))), config.cluster().voters());
    assertTrue(config.cluster().names(4));
  }

  @Test
  void aVoterListensWhereTheVotersAreSaidToBe() throws ConfigException {
    NodeConfig config = NodeConfigReader.parse("p.yaml", "cluster: {voters: ['1@h:7', '2@h:8']}");

    assertEquals(new NodeConfig.Listener(new HostPort("h", 7), null), config.peer());
    assertEquals(List.of(), config.cluster().join());
  }

  @Test
  void aNodeThatIsNoVoterJoinsByTheNodesItIsTold() throws ConfigException {
    NodeConfig byVoters =
        NodeConfigReader.parse("p.yaml", "node: {id: 3}\ncluster: {voters: ['1@h:7', '2@h:8']}\n");
    assertFalse(byVoters.cluster().names(3));
    assertEquals(List.of(new HostPort("h", 7), new HostPort("h", 8)), byVoters.cluster().join());

    NodeConfig byOthers = NodeConfigReader.parse("p.yaml", "cluster: {join: ['h:7', 'i:8']}\n");
    assertEquals(List.of(), byOthers.cluster().voters());
    assertEquals(List.of(new HostPort("h", 7), new HostPort("i", 8)), byOthers.cluster().join());
  }

  @Test
  void votersThatCannotBeAreRefused() {
    assertProblems(
        "cluster:\n  voters: [1@h:1, 2@h:2, 2@h:3]\n",
        "p.yaml:2: `cluster.voters` cannot be `2@h:3`; name each node once");
    assertProblems(
        "cluster:\n  voters: [1@h:1, 2@h:1]\n",
        "p.yaml:2: `cluster.voters` cannot be `2@h:1`; node 1 has that address: each node needs one"
            + " of its own");
    assertProblems(
        "cluster:\n  voters: [1@h:1]\n  join: [g:1]\n",
        "p.yaml:3: `cluster.join` cannot be `[g:1]`; node 1 is named in `cluster.voters`, so it has"
            + " nothing to join: leave one of the two out");
    assertProblems(
        "cluster:\n  voters: [somewhere]\n",
        "p.yaml:2: `cluster.voters` cannot hold `somewhere`; write ID@HOST:PORT, e.g."
            + " 1@10.0.0.5:9093");
    assertProblems(
        "cluster:\n  voters: [1@h:0]\n",
        "p.yaml:2: `cluster.voters` cannot hold `1@h:0`; write ID@HOST:PORT, e.g. 1@10.0.0.5:9093");
    assertProblems(
        "cluster:\n  join: [h]\n",
        "p.yaml:2: `cluster.join` cannot hold `h`; write HOST:PORT, e.g. 10.0.0.5:9093");
  }

  @Test
  void listenersForPeersThatPeersCannotReachAreRefused() {
    assertProblems(
        "peer:\n  address: 0.0.0.0:1\n",
        "p.yaml:2: `peer.address` cannot be `0.0.0.0:1`; other nodes cannot connect to a wildcard:"
            + " also set `peer.advertised` to HOST:PORT");
    assertProblems(
        "peer:\n  advertised: h:0\n",
        "p.yaml:2: `peer.advertised` cannot be `h:0`; name a host and port that other nodes can"
            + " connect to");
    assertProblems(
        "cluster:\n  voters: [1@h:1, 2@h:2]\npeer:\n  advertised: h:3\n",
        "p.yaml:4: `peer.advertised` cannot be `h:3`; `cluster.voters` says that node 1 is reached"
            + " at h:1: write that, or leave it out");
    assertProblems(
        "cluster:\n  join: [h:1]\npeer:\n  address: 127.0.0.1:0\n",
        "p.yaml:4: `peer.address` cannot be `127.0.0.1:0`; other nodes have to find it again after"
            + " a restart: name a port");
    assertProblems(
        "peer:\n  address: 127.0.0.1:9092\n",
        "p.yaml:2: `peer.address` cannot be `127.0.0.1:9092`; clients connect there: name another"
            + " port");
  }

  @Test
  void aNodeThatIsNoBrokerNeedsOthersAndAdoptsNothing() throws ConfigException {
    String votes = "node:\n  broker: false\ncluster:\n  join: [h:1]\n";
    assertFalse(NodeConfigReader.parse("p.yaml", votes).node().broker());
    assertProblems(
        "node:\n  broker: false\n",
        "p.yaml:2: `node.broker` cannot be `false`; a node alone has to be one: name other nodes in"
            + " `cluster.voters` or `cluster.join`");
    assertProblems(
        "node:\n  broker: false\ncluster:\n  join: [h:1]\ndata:\n  adopt-kafka-data: true\n",
        "p.yaml:6: `data.adopt-kafka-data` cannot be `true`; with `node.broker: false` it keeps no"
            + " topics");
  }

  @Test
  void aHeartbeatComesSeveralTimesInASession() throws ConfigException {
    assertProblems(
        "cluster:\n  session-timeout: 2s\n  heartbeat: 1s\n",
        "p.yaml:3: `cluster.heartbeat` cannot be `1s`; write at most a third of"
            + " `cluster.session-timeout`, 2s: a single one that is late must not end the session");

    NodeConfig config = NodeConfigReader.parse("p.yaml", "cluster: {session-timeout: 600ms}");
    assertEquals(Duration.ofMillis(200), config.cluster().heartbeat());
  }

  @Test
  void replicationThatCannotBeIsRefused() throws ConfigException {
    assertProblems(
        """
        replication:
          lag-time-max: 100ms
          fetch: 128KiB
          fetch-partition: 1MiB
          catch-up-rate: fast
        """,
        "p.yaml:2: `replication.lag-time-max` cannot be `100ms`; write something from 2s to 1h",
        "p.yaml:4: `replication.fetch-partition` cannot be `1MiB`; write at most what"
            + " `replication.fetch` is, 128KiB",
        "p.yaml:5: `replication.catch-up-rate` cannot be `fast`; write a whole number and B, KiB,"
            + " MiB, GiB or TiB, for example 128MiB");

    NodeConfig small = NodeConfigReader.parse("p.yaml", "replication: {fetch: 128KiB}");
    assertEquals(128 << 10, small.replication().partitionBytes());
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
