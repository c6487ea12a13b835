package io.penstock.replication.raft;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.peer.AllAtOnce;
import io.penstock.replication.peer.FakePeerNetwork;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.raft.RaftSettings.Begin;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.ratis.server.RaftServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Voters of one JVM with real Ratis on real disks, connected by a {@link FakePeerNetwork}. They
 * host one group that adds numbers. Used by the thread of the test.
 */
final class RaftCluster implements AutoCloseable {

  static final UUID CLUSTER = new UUID(7, 7);
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final FakePeerNetwork network = new FakePeerNetwork(1);
  private final Path root;
  private final long electionTimeoutMs;
  private final List<Member> founders;
  private final Map<Integer, Voter> running = new TreeMap<>();
  private final Map<Integer, Integer> disks = new TreeMap<>();
  private final UUID proposer = UUID.randomUUID();
  private final AtomicLong calls = new AtomicLong();
  private LogLimits limits = LogLimits.DEFAULT;

  /** From the next start on. */
  RaftCluster limits(LogLimits other) {
    limits = other;
    return this;
  }

  /** The voters that the group begins with are 1, 2, … */
  RaftCluster(Path root, int size) {
    this(root, size, RaftSettings.ELECTION_TIMEOUT_MS);
  }

  RaftCluster(Path root, int size, long electionTimeoutMs) {
    this.electionTimeoutMs = electionTimeoutMs;
    // What is done to the voters here is worth a warning each time.
    ((Logger) LoggerFactory.getLogger("org.apache.ratis")).setLevel(Level.ERROR);
    this.root = root;
    this.founders = IntStream.rangeClosed(1, size).mapToObj(this::member).toList();
  }

  /** One running voter. */
  static final class Voter implements GroupListener<Long> {
    final Member member;
    final RaftHost host;
    final HostedGroup<Long, Integer, Long> group;
    final List<String> halts = new CopyOnWriteArrayList<>();
    final List<Position> applied = new CopyOnWriteArrayList<>();
    final List<Position> images = new CopyOnWriteArrayList<>();
    final List<GroupRole> roles = new CopyOnWriteArrayList<>();
    volatile boolean removed;

    private Voter(RaftSettings settings, LogLimits limits, FakePeerNetwork.Node node) {
      this.member = settings.self();
      this.host =
          new RaftHost(
              settings,
              limits,
              node,
              new MetricRegistry(),
              (reason, cause) -> halts.add(reason + ": " + cause));
      this.group = host.addGroup("sum", new SumRules(), this);
      node.handle(PeerApi.RAFT, host.raftHandler());
    }

    RaftServer server() {
      RaftServer server = host.server();
      if (server == null) {
        throw new IllegalStateException("not started");
      }
      return server;
    }

    /** Its only group as Ratis has it. */
    RaftServer.Division division() throws IOException {
      return server().getDivision(server().getGroupIds().iterator().next());
    }

    @Override
    public void imageChanged(Position at, Long image) {
      images.add(at);
    }

    @Override
    public void applied(Position at, byte[] command) {
      applied.add(at);
    }

    @Override
    public void roleChanged(GroupRole role) {
      roles.add(role);
    }

    @Override
    public void removed() {
      removed = true;
    }
  }

  List<Member> founders() {
    return founders;
  }

  /** The node as a member under its present disk. */
  Member member(int nodeId) {
    return new Member(nodeId, new UUID(nodeId, disk(nodeId)), new Address("node" + nodeId, 9093));
  }

  Path directory(int nodeId) {
    return root.resolve("node" + nodeId + "-" + disk(nodeId));
  }

  private int disk(int nodeId) {
    return disks.getOrDefault(nodeId, 0);
  }

  /** From its next start on the node has an empty disk, which says that it is another one. */
  void newDisk(int nodeId) {
    disks.merge(nodeId, 1, Integer::sum);
  }

  void startFounders() throws IOException {
    for (Member founder : founders) {
      start(founder.nodeId());
    }
  }

  /** Starts a founder for the first time, or any node again. */
  Voter start(int nodeId) throws IOException {
    return start(nodeId, new Begin.NewGroups(CLUSTER, founders), null);
  }

  /** Starts a node that waits for the leader to add it. */
  Voter startToBeAdded(int nodeId) throws IOException {
    return start(nodeId, new Begin.ToBeAdded(CLUSTER), CLUSTER);
  }

  Voter start(int nodeId, Begin begin, @Nullable UUID cluster) throws IOException {
    if (running.containsKey(nodeId)) {
      throw new IllegalStateException("node " + nodeId + " runs");
    }
    Member member = member(nodeId);
    FakePeerNetwork.Node node = network.find(nodeId);
    if (node == null) {
      node = network.add(nodeId, member.address());
    } else {
      network.accept(nodeId);
    }
    RaftSettings settings =
        new RaftSettings(member, directory(nodeId), cluster, begin, electionTimeoutMs);
    Voter voter = new Voter(settings, limits, node);
    running.put(nodeId, voter);
    voter.host.start();
    return voter;
  }

  Voter voter(int nodeId) {
    Voter voter = running.get(nodeId);
    if (voter == null) {
      throw new IllegalStateException("node " + nodeId + " does not run");
    }
    return voter;
  }

  Collection<Voter> running() {
    return running.values();
  }

  /** The process dies, and the others are told, as their nodes would; what is on disk stays. */
  void kill(int nodeId) {
    killUnnoticed(nodeId);
    running().forEach(voter -> voter.host.suspect(nodeId));
  }

  /** The network sees the process die, and nobody else does. */
  void killUnnoticed(int nodeId) {
    network.refuse(nodeId);
    voter(nodeId).host.closeAtOnce();
    running.remove(nodeId);
  }

  /** The process ends as it was asked to. */
  void stop(int nodeId) {
    voter(nodeId).host.close();
    network.refuse(nodeId);
    running.remove(nodeId);
  }

  /** Waits until one of these is ready to lead. */
  Voter leader(Collection<Voter> among) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> among.stream().filter(v -> v.group.role().leaderHere()).findFirst().orElse(null),
            voter -> voter != null);
  }

  Voter leader() {
    return leader(running());
  }

  List<Voter> followers(Voter leader) {
    return running().stream().filter(voter -> voter != leader).toList();
  }

  /** Adds, at whichever of these leads, as often as it takes; returns the sum. */
  long add(Collection<Voter> among, int number) {
    long call = calls.incrementAndGet();
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> tryAdd(leader(among), call, number), sum -> sum >= 0);
  }

  long add(int number) {
    return add(running(), number);
  }

  /** Adds 1 many times, with many under way. */
  void addOnes(int count) throws Exception {
    Voter leader = leader();
    List<CompletableFuture<Submission<Long>>> underWay = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      underWay.add(
          leader
              .group
              .submit(proposer, calls.incrementAndGet(), new SumRules().encodeCommand(1))
              .toCompletableFuture());
    }
    for (CompletableFuture<Submission<Long>> answer : underWay) {
      if (!(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) instanceof Submission.Applied)) {
        throw new IllegalStateException("not applied: " + answer.join());
      }
    }
  }

  /** One try, under an id of one's own; -1 where it was not applied. */
  long tryAdd(Voter voter, long call, int number)
      throws InterruptedException, ExecutionException, TimeoutException {
    byte[] command = new SumRules().encodeCommand(number);
    return voter
                .group
                .submit(proposer, call, command)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
            instanceof Submission.Applied<Long>(_, Long sum)
        ? sum
        : -1;
  }

  long newCall() {
    return calls.incrementAndGet();
  }

  void awaitSum(long sum, Collection<Voter> voters) {
    for (Voter voter : voters) {
      Awaitility.await()
          .alias("sum on node " + voter.member.nodeId())
          .atMost(PATIENCE)
          .until(voter.group::image, image -> image == sum);
    }
  }

  VotersOutcome setVoters(List<Member> expected, List<Member> wanted) throws Exception {
    return leader()
        .group
        .setVoters(expected, wanted)
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  List<String> halts() {
    List<String> halts = new ArrayList<>();
    running().forEach(voter -> halts.addAll(voter.halts));
    return halts;
  }

  @Override
  public void close() {
    AllAtOnce.run(running().stream().map(voter -> voter.host::closeAtOnce));
    running.clear();
    network.close();
  }
}
