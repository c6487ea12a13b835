package io.penstock.replication.isr;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.ProbeAnswer;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaHandle;
import io.penstock.replication.partition.Wakeups;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.dir.LogDirectoriesSettings;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A keeper among three brokers, over real replicas and real rules, all on the test's thread. The
 * test plays the registry, the followers and the network, and may hold answers and images back.
 */
final class IsrBench implements AutoCloseable {

  static final int SELF = 1;
  static final UUID TOPIC = new UUID(10, 1);
  static final long LAG_MS = 30_000;
  static final long SETTLE_MS = 2_000;
  static final long SILENCE_MS = 2_000;
  static final long PROBE_MS = 500;
  static final long HEARTBEAT_MS = 500;

  final InMemoryControlPlane plane = InMemoryControlPlane.withBrokers(SELF, 2, 3);
  final ManualLoop loop = new ManualLoop();
  final MetricRegistry metrics = new MetricRegistry();
  final List<ChangeIsr> asked = new ArrayList<>();
  final IsrKeeper keeper;
  private final LogDirectories logs;
  private final Wakeups wakeups = new Wakeups();
  private final Map<LogId, ReplicaHandle> replicas = new LinkedHashMap<>();
  private final Map<Address, CompletableFuture<byte[]>> probes = new HashMap<>();
  private final List<CompletableFuture<LeadershipResult>> held = new ArrayList<>();
  private ClusterImage applied = ClusterImage.EMPTY;
  private boolean holdsAnswers;
  private long contactMs = Long.MIN_VALUE; // as of a broker that never was in contact

  /** Whether no heartbeat is answered. */
  boolean isCutOff;

  /** How long before a heartbeat of this node a majority was heard of. */
  long majorityOverdueMs;

  int probed;

  /** One whose logs are in memory. */
  static IsrBench open(int changesMax) {
    try {
      return new IsrBench(Path.of("/isr-bench"), changesMax);
    } catch (StorageException failure) {
      throw new AssertionError(failure);
    }
  }

  private IsrBench(Path directory, int changesMax) throws StorageException {
    logs =
        LogDirectories.open(
            List.of(directory),
            LogDirectoriesSettings.defaults(),
            _ -> LogSettings.defaults(),
            new LogDirectories.Environment(
                new FakeDisk(1),
                new MetricRegistry(),
                () -> 1_000_000,
                BatchTimestampScanner.HEADERS_ONLY));
    keeper =
        new IsrKeeper(
            InMemoryControlPlane.processOf(SELF),
            new IsrSettings(LAG_MS, SETTLE_MS, SILENCE_MS, PROBE_MS, changesMax),
            loop,
            plane::image,
            new OwnRegistration(() -> epochOf(SELF), () -> contactMs),
            this::propose,
            (to, _, _, _) -> {
              probed++;
              return probes.computeIfAbsent(to, _ -> new CompletableFuture<>());
            },
            metrics);
    plane.addListener(keeper);
    beat();
    keeper.start();
  }

  /** Each heartbeat is answered when the next one is sent, if it is. */
  private void beat() {
    long sentMs = loop.nowMs();
    var _ =
        loop.after(
            HEARTBEAT_MS,
            () -> {
              if (!isCutOff) {
                contactMs = sentMs - majorityOverdueMs;
              }
              beat();
            });
  }

  private CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    asked.add((ChangeIsr) command);
    if (holdsAnswers) {
      CompletableFuture<LeadershipResult> answer = new CompletableFuture<>();
      held.add(answer);
      return answer;
    }
    return plane.propose(command);
  }

  /** From now on nothing that is asked for gets to the group. */
  void holdAnswers() {
    holdsAnswers = true;
  }

  /** What was held gets there now, and the replicas hear of it. */
  void letAnswersPass() {
    holdsAnswers = false;
    for (int i = 0; i < held.size(); i++) {
      held.get(i).complete(plane.apply(asked.get(asked.size() - held.size() + i)));
    }
    held.clear();
    settle();
  }

  /** Creates partitions led here, with followers 2 and 3, all in sync. */
  void create(int partitions, int minInSync) {
    List<NodeIds> assigned = Collections.nCopies(partitions, NodeIds.of(SELF, 2, 3));
    plane.apply(new CreateTopics(List.of(NewTopic.assigned("pipe", TOPIC, assigned))));
    plane.apply(new LeadershipCommand.SetMinInsyncReplicas(TOPIC, minInSync));
    settle();
  }

  /** Another process of the broker registers, and serves. */
  void startAgain(int node) {
    plane.apply(new FenceBroker(node, epochOf(node)));
    Address address = addressOf(node);
    plane.apply(new RegisterBroker(node, new UUID(2, node), address, address, null, -1));
    plane.apply(new UnfenceBroker(node, epochOf(node)));
    settle();
  }

  /** Brings the replicas in step with the image, as the registry does, and runs the loop. */
  void settle() {
    for (int i = 0; i < 4; i++) {
      loop.run();
      applyImage();
    }
    loop.run();
  }

  private void applyImage() {
    ClusterImage before = applied;
    applied = plane.image();
    for (TopicImage topic : applied.leadership().topics()) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionImage partition = topic.partitions().get(i);
        if (!partition.equals(before.leadership().partition(topic.id(), i))) {
          ReplicaHandle handle = handle(topic, i);
          handle.become(partition, topic.minInsyncReplicas(), wakeups);
          keeper.assigned(handle.replica(), partition);
        }
      }
    }
    wakeups.run();
  }

  private ReplicaHandle handle(TopicImage topic, int partition) {
    return replicas.computeIfAbsent(
        new LogId(topic.name(), topic.id(), partition),
        id -> {
          try {
            return ReplicaHandle.open(SELF, logs.create(id, LogSettings.defaults()));
          } catch (StorageException failure) {
            throw new AssertionError(failure);
          }
        });
  }

  PartitionReplica replica(int partition) {
    ReplicaHandle handle = replicas.get(new LogId("pipe", TOPIC, partition));
    if (handle == null) {
      throw new AssertionError("no partition " + partition);
    }
    return handle.replica();
  }

  void append(int partition, int records) {
    replica(partition).append(TestBatch.ofRecords(records).build(), 1, 1_000_000, wakeups);
  }

  /** The follower has everything that is here, and says so. */
  void fetchAll(int follower) {
    for (ReplicaHandle each : replicas.values()) {
      fetch(follower, each.replica(), each.replica().logEndOffset());
    }
    loop.run();
  }

  void fetch(int follower, PartitionReplica replica, long offset) {
    replica.followerFetched(
        new FollowerProgress(
            follower, epochOf(follower), replica.leaderEpoch(), offset, loop.nowMs()),
        wakeups);
  }

  long epochOf(int id) {
    BrokerImage broker = plane.image().leadership().broker(id);
    return broker == null ? -1 : broker.epoch();
  }

  List<Integer> isr(int partition) {
    PartitionImage image = plane.image().leadership().partition(TOPIC, partition);
    return image == null ? List.of() : image.isr().toList();
  }

  /** The connection to the node's present process ends. */
  void loseConnection(int node) {
    loseConnectionOf(InMemoryControlPlane.processOf(node));
  }

  void loseConnectionOf(PeerCaller process) {
    keeper.connectionLost(process, addressOf(process.nodeId()));
    loop.run();
  }

  void answerProbe(int node, PeerCaller process) {
    probe(node)
        .complete(
            LivenessCodec.encode(new ProbeAnswer.Here(process.nodeId(), process.incarnation())));
    settle();
  }

  /** The probe that is under way has its whole time, in vain. */
  void leaveProbeUnanswered(int node) {
    loop.advance(PROBE_MS);
    failProbe(node, PeerException.Kind.TIMEOUT);
    loop.advance(PROBE_MS / 10);
  }

  void failProbe(int node, PeerException.Kind kind) {
    probe(node).completeExceptionally(new PeerException(kind, "as the test says"));
    settle();
  }

  private CompletableFuture<byte[]> probe(int node) {
    CompletableFuture<byte[]> probe = probes.remove(addressOf(node));
    if (probe == null) {
      throw new AssertionError("node " + node + " was not probed");
    }
    return probe;
  }

  private Address addressOf(int node) {
    BrokerImage broker = plane.image().leadership().broker(node);
    if (broker == null) {
      throw new AssertionError("no broker " + node);
    }
    return broker.peer();
  }

  int gauge(String name) {
    Gauge<?> gauge = metrics.getGauges().get(name);
    return gauge == null ? -1 : (Integer) gauge.getValue();
  }

  @Override
  public void close() throws StorageException {
    keeper.close();
    logs.close();
  }
}
