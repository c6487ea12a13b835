package io.penstock.replication.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.peer.AllAtOnce;
import io.penstock.replication.peer.FakePeerNetwork;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.raft.RaftSettings;
import io.penstock.replication.raft.RaftSettings.Begin;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Several nodes of one JVM with real Ratis on real disks, connected in memory. */
final class ControlCluster implements AutoCloseable {

  static final UUID CLUSTER = new UUID(0xC1, 0x1D);
  private static final long WAIT_S = 60;

  private final Path root;
  private final long proposalTimeoutMs;
  private final long electionTimeoutMs;
  private final FakePeerNetwork network = new FakePeerNetwork(1);
  private final Map<Integer, ClusterControlPlane> planes = new TreeMap<>();
  private final Map<Integer, Member> members = new TreeMap<>();
  private final List<Member> firstVoters = new ArrayList<>();
  private final List<String> halts = new CopyOnWriteArrayList<>();

  ControlCluster(Path root, long proposalTimeoutMs) {
    this(root, proposalTimeoutMs, RaftSettings.ELECTION_TIMEOUT_MS);
  }

  ControlCluster(Path root, long proposalTimeoutMs, long electionTimeoutMs) {
    this.electionTimeoutMs = electionTimeoutMs;
    this.root = root;
    this.proposalTimeoutMs = proposalTimeoutMs;
  }

  FakePeerNetwork network() {
    return network;
  }

  ClusterControlPlane plane(int nodeId) {
    ClusterControlPlane plane = planes.get(nodeId);
    if (plane == null) {
      throw new IllegalArgumentException("node " + nodeId + " does not run");
    }
    return plane;
  }

  /** Forms the cluster of these voters, and waits until both groups are led. */
  ControlCluster form(int... voters) throws IOException {
    for (int id : voters) {
      firstVoters.add(member(id));
    }
    for (int id : voters) {
      start(id, new Begin.NewGroups(CLUSTER, firstVoters));
    }
    awaitLeaders(voters);
    return this;
  }

  private Member member(int id) {
    return members.computeIfAbsent(
        id, _ -> new Member(id, new UUID(id, id), new Address("node" + id, 9093)));
  }

  ClusterControlPlane observe(int id) throws IOException {
    return start(id, null);
  }

  @SuppressWarnings("NullAway") // it does not see in class files that a nested type may be null
  ClusterControlPlane start(int id, RaftSettings.@Nullable Begin begin) throws IOException {
    Member self = member(id);
    List<Address> seeds = firstVoters.stream().map(Member::address).toList();
    ControlSettings settings =
        new ControlSettings(
            self,
            root.resolve("node" + id + "-" + self.directoryId()),
            begin instanceof Begin.NewGroups ? null : CLUSTER,
            begin,
            seeds,
            electionTimeoutMs,
            proposalTimeoutMs);
    FakePeerNetwork.Node node;
    try {
      node = network.node(id);
      network.accept(id);
    } catch (IllegalArgumentException _) {
      node = network.add(id, self.address());
    }
    ClusterControlPlane plane =
        new ClusterControlPlane(
            settings,
            node,
            new MetricRegistry(),
            (reason, cause) -> halts.add("node " + id + ": " + reason + ": " + cause));
    planes.put(id, plane);
    node.handle(plane.handlers());
    plane.start();
    return plane;
  }

  /** The process is gone, as its peers see it; what it had written stays. */
  void kill(int id) {
    network.refuse(id);
    ClusterControlPlane plane = planes.remove(id);
    if (plane != null) {
      plane.close();
    }
  }

  void restart(int id) throws IOException {
    start(id, new Begin.Found());
  }

  /** The disk of a node that does not run is gone: it comes back as somebody else. */
  void wipe(int id) {
    members.put(
        id, new Member(id, new UUID(id, System.nanoTime()), new Address("node" + id, 9093)));
  }

  void awaitLeaders(int... nodes) {
    for (int id : nodes) {
      for (GroupName group : GroupName.values()) {
        until(() -> plane(id).leaderId(group) >= 0);
      }
    }
  }

  int leader(GroupName group, int asSeenBy) {
    return plane(asSeenBy).leaderId(group);
  }

  static void until(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(WAIT_S))
        .pollInterval(Duration.ofMillis(20))
        .until(condition);
  }

  static LeadershipResult ask(ControlPlane plane, LeadershipCommand command) throws Exception {
    return plane.propose(command).toCompletableFuture().get(WAIT_S, TimeUnit.SECONDS);
  }

  static MetadataResult ask(ControlPlane plane, MetadataCommand command) throws Exception {
    return plane.propose(command).toCompletableFuture().get(WAIT_S, TimeUnit.SECONDS);
  }

  VoterChange.Outcome change(int asked, VoterChange change) throws Exception {
    return plane(asked).changeVoters(change).toCompletableFuture().get(150, TimeUnit.SECONDS);
  }

  GroupStatus describe(int asked, GroupName group) throws Exception {
    return plane(asked).describe(group).toCompletableFuture().get(WAIT_S, TimeUnit.SECONDS);
  }

  /** Registers a broker and unfences it, by way of a node. */
  void register(int asked, int brokerId) throws Exception {
    LeadershipResult registered =
        ask(
            plane(asked),
            new RegisterBroker(
                brokerId,
                new UUID(5, brokerId),
                new Address("127.0.0.1", 9092),
                new Address("node" + brokerId, 9093),
                null,
                -1));
    if (!(registered instanceof BrokerResult broker) || !broker.error().isNone()) {
      throw new IllegalStateException("not registered: " + registered);
    }
    ask(plane(asked), new UnfenceBroker(brokerId, broker.brokerEpoch()));
  }

  static CreateTopics createTopic(String name) {
    return new CreateTopics(
        List.of(
            NewTopic.placed(
                name,
                UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                1,
                1)));
  }

  static boolean hasTopic(ControlPlane plane, String name) {
    return plane.image().leadership().topic(name) != null;
  }

  @Override
  public void close() {
    AllAtOnce.run(planes.values().stream().map(plane -> plane::close));
    network.close();
    assertEquals(List.of(), halts);
  }
}
