package io.penstock.replication.liveness;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.liveness.message.AppliedPositions;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One process of a simulated node, with the real parts of this package. */
final class SimNode implements LeaderFinder {

  private static final long CATCH_UP_MS = 50;

  private final int id;
  private final Address address;
  private final SimCluster cluster;
  private final SimProcess process;
  private final PeerCaller caller;
  private final BrokerMonitor monitor;
  private final BrokerLifecycle lifecycle;
  private final LossReporter reporter;
  private final MetricRegistry metrics = new MetricRegistry();
  private final Map<PeerApi, PeerHandler> handlers = new EnumMap<>(PeerApi.class);
  private final List<String> states = new ArrayList<>();
  private int cutOffs;
  private final List<LeadershipCommand> proposed = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private LeadershipImage image = LeadershipImage.EMPTY;
  private int applied;
  private int leaderId = -1;
  private final Map<Long, Set<Integer>> underWay = new HashMap<>();
  private long term;

  private record Waiting(int index, Runnable task) {}

  SimNode(int id, String host, SimCluster cluster, long previousEpoch) {
    this.id = id;
    this.address = new Address(host, 9093);
    this.cluster = cluster;
    this.process = new SimProcess(cluster.time());
    this.caller = new PeerCaller(id, new UUID(7, cluster.nextIncarnation()));
    LivenessServices services = services();
    this.monitor = new BrokerMonitor(caller, cluster.settings(), services, this, metrics);
    this.lifecycle =
        new BrokerLifecycle(
            new BrokerIdentity(
                caller,
                new UUID(8, id),
                new Address("client" + id, 9092),
                address,
                null,
                List.of(new UUID(8, id)),
                previousEpoch),
            cluster.settings(),
            services,
            this,
            monitor);
    this.reporter = new LossReporter(caller, cluster.settings(), services, this, monitor);
    handlers.putAll(monitor.handlers());
    handlers.put(PeerApi.PROBE, new ProbeHandler(caller, cluster.settings(), services.network()));
    lifecycle.addListener(
        new BrokerListener() {
          @Override
          public void stateChanged(BrokerState from, BrokerState to, String why) {
            states.add(to + " (" + why + ")");
          }

          @Override
          public void cutOff() {
            cutOffs++;
          }
        });
    cluster.time().every(CATCH_UP_MS, this::catchUpIfReached);
  }

  private LivenessServices services() {
    return new LivenessServices(
        () -> image,
        () -> new AppliedPositions(new Position(1, applied), Position.NONE),
        () -> cluster.group().majorityOverdueMs(id),
        command -> cluster.group().propose(this, command),
        this::proposeAsLeader,
        (to, api, body, timeoutMs) -> cluster.network().ask(this, to, api, body, timeoutMs),
        process);
  }

  private CompletionStage<LeadershipResult> proposeAsLeader(
      LeadershipCommand command, long ofTerm) {
    int broker = SimCluster.brokerOf(command);
    // One that is elected again proposes for its former term until it begins the new one.
    Set<Integer> ofThisTerm = underWay.computeIfAbsent(ofTerm, _ -> new HashSet<>());
    if (!ofThisTerm.add(broker)) {
      cluster.violated("two proposals at once about broker " + broker + ": " + command);
    }
    proposed.add(command);
    return cluster
        .group()
        .proposeHere(this, command, ofTerm)
        .whenComplete((_, _) -> ofThisTerm.remove(broker));
  }

  void begin() {
    monitor.imageChanged(ClusterImage.EMPTY, cluster(image));
    var _ = lifecycle.register();
    var _ = lifecycle.serve();
  }

  int id() {
    return id;
  }

  Address address() {
    return address;
  }

  PeerCaller caller() {
    return caller;
  }

  SimProcess process() {
    return process;
  }

  /** How often it was told that it is cut off. */
  int cutOffs() {
    return cutOffs;
  }

  BrokerLifecycle lifecycle() {
    return lifecycle;
  }

  BrokerMonitor monitor() {
    return monitor;
  }

  LossReporter reporter() {
    return reporter;
  }

  Map<PeerApi, PeerHandler> handlers() {
    return handlers;
  }

  long counter(String name) {
    return metrics.counter("penstock.liveness." + name).getCount();
  }

  List<String> states() {
    return states;
  }

  /** What its monitor has proposed. */
  List<LeadershipCommand> proposed() {
    return proposed;
  }

  LeadershipImage image() {
    return image;
  }

  void becameLeader(long begun) {
    FormerLeader former = new FormerLeader(leaderId, lifecycle.lastContactMs());
    term = begun;
    leaderIs(id);
    monitor.becameLeader(begun, former);
  }

  void lostLeadership(long ended) {
    if (term != ended) {
      return; // it leads again by now
    }
    if (leaderId == id) {
      leaderId = -1;
    }
    monitor.lostLeadership();
  }

  void leaderIs(int nodeId) {
    leaderId = nodeId;
    lifecycle.leadershipChanged();
    reporter.leadershipChanged();
  }

  @Override
  public @Nullable Place leader() {
    return leaderId < 0 ? null : place(leaderId);
  }

  @Override
  public List<Place> voters() {
    List<Place> voters = new ArrayList<>();
    for (int voter : cluster.group().voters()) {
      voters.add(place(voter));
    }
    return voters;
  }

  private static Place place(int nodeId) {
    return new Place(nodeId, new Address("node" + nodeId, 9093));
  }

  /** As a follower, or by polling. */
  void catchUpIfReached() {
    int leader = cluster.group().leaderId();
    boolean isReached = leader == id || (leader >= 0 && cluster.network().passes(leader, id));
    if (process.isRunning() && isReached) {
      catchUp();
    }
  }

  void catchUp() {
    while (process.isRunning() && applied < cluster.group().lastIndex()) {
      LeadershipImage before = image;
      applied++;
      image = cluster.group().imageAt(applied);
      monitor.imageChanged(cluster(before), cluster(image));
      lifecycle.imageChanged(cluster(before), cluster(image));
      for (Waiting each : List.copyOf(waiting)) {
        if (each.index <= applied) {
          waiting.remove(each);
          each.task.run();
        }
      }
    }
  }

  void whenApplied(int index, Runnable task) {
    if (applied >= index) {
      task.run();
    } else {
      waiting.add(new Waiting(index, task));
    }
  }

  private static ClusterImage cluster(LeadershipImage leadership) {
    return new ClusterImage(leadership, MetadataImage.EMPTY);
  }
}
