package io.penstock.replication.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.peer.FakePeerNetwork;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lone voter with real Ratis on a real disk. */
@Timeout(120)
class LoneVoterTest {

  private static final UUID DIRECTORY = new UUID(0x1234, 0x5678);
  private static final UUID TOPIC = new UUID(7, 7);

  @TempDir Path root;

  private final List<String> halts = new CopyOnWriteArrayList<>();
  private final List<ClusterControlPlane> opened = new ArrayList<>();
  private final FakePeerNetwork network = new FakePeerNetwork(1);
  private final MetricRegistry metrics = new MetricRegistry();

  @AfterEach
  void closeAll() {
    opened.forEach(ClusterControlPlane::close);
    network.close();
    assertEquals(List.of(), halts);
  }

  @Test
  void anAnsweredProposalIsInTheImageAndSurvivesARestart() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    registerBroker(plane);
    createTopic(plane, 3);
    assertEquals(3, topic(plane).partitionCount());
    set(plane, "retention.ms", "5");
    assertEquals("5", plane.image().metadata().topicConfigs(TOPIC).get("retention.ms"));
    assertEquals(new ProducerIdBlock(0, 1000), ask(plane, new AllocateProducerIds(1, 1000)));
    ClusterImage before = plane.image();
    plane.close();

    ClusterControlPlane again = start(cluster);

    assertEquals(before, again.image());
    assertEquals(new ProducerIdBlock(1000, 10), ask(again, new AllocateProducerIds(1, 10)));
    assertEquals(1, topic(again).partitions().getFirst().leader());
  }

  @Test
  void knowsWithoutAskingAnybodyThatItVotesAndHasToGoOnVoting() throws Exception {
    ClusterControlPlane plane = start(null);

    assertEquals(
        VoterChange.Error.DUPLICATE_VOTER, outcome(plane, new VoterChange.Add(1, DIRECTORY)));
    assertEquals(VoterChange.Error.DUPLICATE_VOTER, outcome(plane, new VoterChange.Add(1, null)));
    assertEquals(
        VoterChange.Error.NO_LIVE_MAJORITY, outcome(plane, new VoterChange.Remove(1, null)));
  }

  private static VoterChange.Error outcome(ClusterControlPlane plane, VoterChange change)
      throws Exception {
    return plane.changeVoters(change).toCompletableFuture().get(30, TimeUnit.SECONDS).error();
  }

  @Test
  void keepsAllThatWasAnsweredWhenTheProcessIsKilled() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    registerBroker(plane);
    createTopic(plane, 2);
    Path killed = root.resolve("killed");
    copyTree(
        root.resolve("raft"), killed); // what a killed process leaves: no farewell, no snapshot

    ClusterControlPlane again = start(killed, cluster);

    assertEquals(plane.image(), again.image());
  }

  @Test
  void startsFromTheSnapshotOfACleanStopAndGoesOn() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    registerBroker(plane);
    createTopic(plane, 1);
    plane.close();
    try (Stream<Path> files = Files.walk(root)) {
      assertTrue(
          files.anyMatch(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+")));
    }

    ClusterControlPlane again = start(cluster);
    set(again, "cleanup.policy", "delete");
    again.close();

    ClusterControlPlane last = start(cluster);
    assertEquals(1, topic(last).partitionCount());
    assertEquals("delete", last.image().metadata().topicConfigs(TOPIC).get("cleanup.policy"));
  }

  @Test
  void refusesADamagedSnapshot() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    registerBroker(plane);
    plane.close();
    for (Path file : snapshots()) {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }

    IOException refused = assertThrows(IOException.class, () -> start(cluster));

    assertTrue(text(refused).contains("damaged"), text(refused));
  }

  @Test
  void refusesToStartWhereTheLogOfAGroupHasVanished() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    plane.close();
    try (Stream<Path> files = Files.list(root.resolve("raft"))) {
      deleteTree(files.filter(Files::isDirectory).sorted().toList().getLast());
    }

    IOException refused = assertThrows(IOException.class, () -> start(cluster));

    assertTrue(text(refused).contains("has vanished"), text(refused));
    assertTrue(text(refused).contains("remedy:"), text(refused));
  }

  @Test
  void refusesToStartWhereTheWholeDirectoryOfAKnownClusterHasVanished() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    plane.close();
    deleteTree(root.resolve("raft"));

    IOException refused = assertThrows(IOException.class, () -> start(cluster));

    assertTrue(text(refused).contains("is empty or gone"), text(refused));
  }

  @Test
  void refusesTheDirectoryOfAnotherClusterNodeOrDisk() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    plane.close();
    Path raft = root.resolve("raft");

    IOException otherCluster = assertThrows(IOException.class, () -> start(new UUID(1, 1)));
    IOException otherNode =
        assertThrows(
            IOException.class,
            () -> startWith(ControlSettings.single(2, raft, DIRECTORY, cluster)));
    IOException otherDisk =
        assertThrows(
            IOException.class,
            () -> startWith(ControlSettings.single(1, raft, new UUID(9, 9), cluster)));

    assertTrue(text(otherCluster).contains("belongs to cluster"), text(otherCluster));
    assertTrue(text(otherNode).contains("belongs to node 1"), text(otherNode));
    assertTrue(text(otherDisk).contains("has directory id"), text(otherDisk));
  }

  @Test
  void refusesALogWithoutAMark() throws Exception {
    ClusterControlPlane plane = start(null);
    plane.close();
    Files.delete(root.resolve("raft").resolve("raft.mark"));

    IOException refused = assertThrows(IOException.class, () -> start(null));

    assertTrue(text(refused).contains("has no raft.mark"), text(refused));
  }

  @Test
  void beginsAnewWhereTheFirstStartWasCutShort() throws Exception {
    ClusterControlPlane plane = start(null);
    UUID cluster = plane.clusterId();
    plane.close();
    Path mark = root.resolve("raft").resolve("raft.mark");
    Files.writeString(mark, Files.readString(mark).replace("state=started", "state=formatting"));
    try (Stream<Path> files = Files.list(root.resolve("raft"))) {
      deleteTree(files.filter(Files::isDirectory).sorted().toList().getLast());
    }

    ClusterControlPlane again = start(null);

    assertEquals(cluster, again.clusterId());
    registerBroker(again);
  }

  @Test
  void createsAThousandPartitionsInOneCommand() throws Exception {
    ClusterControlPlane plane = start(null);
    registerBroker(plane);

    createTopic(plane, 1000);

    assertTrue(
        topic(plane).partitions().stream().allMatch(p -> p.leader() == 1 && p.leaderEpoch() == 0));
  }

  @Test
  void splitsAListOfTopicsThatIsTooLongForOneEntry() throws Exception {
    ClusterControlPlane plane = start(null);
    registerBroker(plane);
    List<NewTopic> topics = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      topics.add(NewTopic.placed("t".repeat(230) + i, new UUID(3, i + 1), 1, 1));
    }

    LeadershipResult result = ask(plane, new CreateTopics(topics));

    TopicsResult outcomes = assertInstanceOf(TopicsResult.class, result);
    assertEquals(
        topics.stream().map(NewTopic::name).toList(),
        outcomes.topics().stream().map(t -> t.name()).toList());
    assertTrue(outcomes.topics().stream().allMatch(t -> t.error().isNone()));
    assertEquals(5_000, plane.image().leadership().topicCount());
  }

  @Test
  void refusesOneTopicThatIsTooLargeForAnEntry() throws Exception {
    ClusterControlPlane plane = start(null);
    registerBroker(plane);
    int[] replicas = new int[40];
    for (int i = 0; i < replicas.length; i++) {
      replicas[i] = 1_000_000 + i;
    }
    List<NodeIds> assignments = Collections.nCopies(30_000, NodeIds.of(replicas));

    LeadershipResult result =
        ask(plane, new CreateTopics(List.of(NewTopic.assigned("big", TOPIC, assignments))));

    TopicsResult outcomes = assertInstanceOf(TopicsResult.class, result);
    assertEquals(ControlError.LIMIT_EXCEEDED, outcomes.topics().getFirst().error());
  }

  @Test
  void tellsListenersOfEveryImageInOrder() throws Exception {
    ClusterControlPlane plane = start(null);
    registerBroker(plane);
    List<ClusterImage> seen = Collections.synchronizedList(new ArrayList<>());
    plane.addListener((before, after) -> {
      assertEquals(seen.isEmpty() ? ClusterImage.EMPTY : seen.getLast(), before);
      seen.add(after);
    });

    createTopic(plane, 1);
    set(plane, "a", "b");

    assertEquals(3, seen.size());
    assertEquals(plane.image(), seen.getLast());
    assertEquals(0, seen.getFirst().leadership().topicCount());
  }

  @Test
  void measuresRatisInTheRegistryOfTheNodeAndForgetsItAtClose() throws Exception {
    ClusterControlPlane plane = start(null);
    registerBroker(plane);
    Set<String> names = Set.copyOf(metrics.getNames());
    assertTrue(
        names.stream().anyMatch(name -> name.startsWith("penstock.raft.leadership.")),
        names.toString());
    assertTrue(
        names.stream().anyMatch(name -> name.startsWith("penstock.raft.metadata.")),
        names.toString());

    plane.close();

    assertEquals(Set.of(), metrics.getNames());
  }

  private ClusterControlPlane start(@Nullable UUID cluster) throws IOException {
    return start(root.resolve("raft"), cluster);
  }

  private ClusterControlPlane start(Path directory, @Nullable UUID cluster) throws IOException {
    return startWith(ControlSettings.single(1, directory, DIRECTORY, cluster));
  }

  private ClusterControlPlane startWith(ControlSettings settings) throws IOException {
    ClusterControlPlane plane =
        new ClusterControlPlane(
            settings,
            network.add(settings.self().nodeId() * 100 + opened.size()),
            metrics,
            (reason, cause) -> halts.add(reason + ": " + cause));
    opened.add(plane);
    plane.start();
    return plane;
  }

  private static void registerBroker(ControlPlane plane) throws Exception {
    LeadershipResult registered =
        ask(
            plane,
            new RegisterBroker(
                1,
                new UUID(5, 5),
                new Address("127.0.0.1", 9092),
                new Address("127.0.0.1", 9093),
                null,
                -1));
    BrokerResult broker = assertInstanceOf(BrokerResult.class, registered);
    assertEquals(ControlError.NONE, broker.error());
    ask(plane, new UnfenceBroker(1, broker.brokerEpoch()));
  }

  private static void createTopic(ControlPlane plane, int partitions) throws Exception {
    LeadershipResult created =
        ask(plane, new CreateTopics(List.of(NewTopic.placed("orders", TOPIC, partitions, 1))));
    assertTrue(
        assertInstanceOf(TopicsResult.class, created).topics().getFirst().error().isNone(),
        created.toString());
  }

  private static void set(ControlPlane plane, String key, String value) throws Exception {
    ConfigTarget topic = new ConfigTarget.Topic(TOPIC);
    ask(plane, new SetConfigs(List.of(ConfigChange.merge(topic, Map.of(key, value), Set.of()))));
  }

  private static LeadershipResult ask(ControlPlane plane, LeadershipCommand command)
      throws Exception {
    return plane.propose(command).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static MetadataResult ask(ControlPlane plane, MetadataCommand command) throws Exception {
    return plane.propose(command).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static TopicImage topic(ControlPlane plane) {
    TopicImage topic = plane.image().leadership().topic("orders");
    assertNotNull(topic);
    return topic;
  }

  private List<Path> snapshots() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(f -> f.getFileName().toString().matches("snapshot\\.\\d+_\\d+")).toList();
    }
  }

  private static String text(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        if (!path.endsWith("in_use.lock")) {
          Files.copy(path, to.resolve(from.relativize(path)));
        }
      }
    }
  }

  private static void deleteTree(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
