package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.GroupStatus;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.liveness.BrokerIdentity;
import io.penstock.replication.liveness.BrokerLifecycle;
import io.penstock.replication.liveness.BrokerListener;
import io.penstock.replication.liveness.BrokerMonitor;
import io.penstock.replication.liveness.BrokerProgress;
import io.penstock.replication.liveness.BrokerState;
import io.penstock.replication.liveness.FormerLeader;
import io.penstock.replication.liveness.LeaderFinder;
import io.penstock.replication.liveness.LivenessServices;
import io.penstock.replication.liveness.LivenessSettings;
import io.penstock.replication.liveness.LivenessThread;
import io.penstock.replication.liveness.LossReporter;
import io.penstock.replication.liveness.ProbeHandler;
import io.penstock.replication.liveness.RegistrationRefusedException;
import io.penstock.replication.liveness.message.AppliedPositions;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as one that lives, and as one that watches whether others do: puts the parts of
 * {@link io.penstock.replication.liveness} together and brings them the news of the control plane.
 */
final class Liveness implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Liveness.class);

  /** So often it is said that the cluster has not taken the broker in yet. */
  private static final long TELL_MS = 5_000;

  /** So often in a row a voter rejects this node before it gives up: its predecessor may linger. */
  private static final int REJECTIONS_MAX = 3;

  private static final long HELLO_MS = 1_000;

  /** Beyond what a broker may take to leave. */
  private static final long LEAVE_EXTRA_MS = 1_000;

  private final boolean isBroker;
  private final LivenessSettings settings;
  private final SelfIntroduction self;
  private final PeerNetwork network;
  private final ClusterControlPlane control;
  private final LivenessThread thread;
  private final BrokerMonitor monitor;
  private final BrokerLifecycle lifecycle;
  private final LossReporter losses;
  private String rejection = "";

  /**
   * The other node that led last since this one did, as far as this one has heard; told by one
   * thread.
   */
  private int otherLeader = GroupRole.NOBODY;

  /**
   * Where a broker is reached, the ids of its data directories, and the epoch under which it was
   * left in order; as good as unused where the node is none.
   */
  record Reached(Address client, List<UUID> directories, long previousEpoch) {}

  Liveness(
      NodeConfig config,
      SelfIntroduction self,
      Reached reached,
      PeerSide peers,
      ClusterControlPlane control,
      MetricRegistry metrics,
      FatalErrorHandler fatal) {
    this.isBroker = config.node().broker();
    this.settings =
        LivenessSettings.of(
            config.cluster().heartbeat().toMillis(), config.cluster().sessionTimeout().toMillis());
    this.self = self;
    this.network = peers.network();
    this.control = control;
    this.thread =
        new LivenessThread(
            "penstock-liveness",
            failure -> fatal.halt("what watches over brokers has failed", failure));
    LivenessServices services = services();
    Leaders leaders = new Leaders(control);
    this.monitor = new BrokerMonitor(self.process(), settings, services, leaders, metrics);
    BrokerIdentity identity =
        new BrokerIdentity(
            self.process(),
            self.member().directoryId(),
            reached.client,
            self.member().address(),
            config.node().rack(),
            reached.directories,
            reached.previousEpoch);
    this.lifecycle = new BrokerLifecycle(identity, settings, services, leaders, monitor);
    this.losses = new LossReporter(self.process(), settings, services, leaders, monitor);
    peers.handle(monitor.handlers());
    peers.handle(
        Map.of(PeerApi.PROBE, new ProbeHandler(self.process(), settings, peers.network())));
    peers.watch(losses);
    byte[] hello = IntroductionCodec.encode(self.get());
    peers.watch(new LeaderWatch(control, peers.network(), hello));
  }

  private LivenessServices services() {
    return new LivenessServices(
        () -> control.image().leadership(),
        this::applied,
        control::majorityOverdueMs,
        control::propose,
        control::proposeHere,
        network,
        thread);
  }

  /** Follows the control plane from now on. */
  void start() {
    control.addListener(monitor);
    control.addListener(lifecycle);
    control.addRoleListener(GroupName.LEADERSHIP, this::roleChanged);
    control.setHeartbeats(this::observers);
  }

  private void roleChanged(GroupRole role) {
    if (role.leaderHere()) {
      // Who is no broker speaks to no leader: for all it knows, the former one was well till now.
      long heardMs = isBroker ? lifecycle.lastContactMs() : thread.nowMs();
      monitor.becameLeader(role.term(), new FormerLeader(otherLeader, heardMs));
      otherLeader = GroupRole.NOBODY; // whoever leads after this node, and before it leads again
    } else {
      monitor.lostLeadership();
      int leader = role.leaderId();
      if (leader != GroupRole.NOBODY && leader != self.process().nodeId()) {
        otherLeader = leader;
      }
    }
    lifecycle.leadershipChanged();
    losses.leadershipChanged();
  }

  private AppliedPositions applied() {
    return new AppliedPositions(
        control.applied(GroupName.LEADERSHIP), control.applied(GroupName.METADATA));
  }

  /** What heartbeats have told here of brokers, as DescribeQuorum tells of observers. */
  private List<GroupStatus.Member> observers(GroupName group) {
    long nowMs = System.currentTimeMillis();
    List<GroupStatus.Member> members = new ArrayList<>();
    for (Map.Entry<Integer, BrokerProgress> entry : monitor.progress().entrySet()) {
      BrokerProgress progress = entry.getValue();
      boolean leadership = group == GroupName.LEADERSHIP;
      Position at = leadership ? progress.applied().leadership() : progress.applied().metadata();
      long caughtUpAgoMs =
          leadership ? progress.leadershipCaughtUpAgoMs() : progress.metadataCaughtUpAgoMs();
      members.add(
          new GroupStatus.Member(
              entry.getKey(),
              progress.directoryId(),
              peerAddress(entry.getKey()),
              at.index(),
              nowMs - progress.contactAgoMs(),
              caughtUpAgoMs < 0 ? -1 : nowMs - caughtUpAgoMs));
    }
    return members;
  }

  private @Nullable Address peerAddress(int nodeId) {
    BrokerImage broker = control.image().leadership().broker(nodeId);
    return broker == null ? null : broker.peer();
  }

  /**
   * Makes this process a broker, however long the cluster takes to be there; returns when its image
   * shows that it may lead. Says meanwhile what it waits for.
   */
  void enter() throws NodeStartException {
    for (int rejected = 0; ; rejected = isRejected() ? rejected + 1 : 0) {
      if (rejected >= REJECTIONS_MAX) {
        throw new NodeStartException("the cluster refuses this node: " + rejection);
      }
      try {
        lifecycle.start(TELL_MS);
        return;
      } catch (RegistrationRefusedException e) {
        throw new NodeStartException("the cluster refused this broker: " + e.getMessage(), e);
      } catch (TimeoutException e) {
        LOG.info("Waiting for the cluster: {}", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new NodeStartException("interrupted while registering", e);
      }
    }
  }

  /** Whether a voter does not want to talk with this node at all; it may take time to see why. */
  private boolean isRejected() throws NodeStartException {
    byte[] hello = IntroductionCodec.encode(self.get());
    for (Member voter : control.voters()) {
      if (voter.nodeId() == self.process().nodeId()) {
        continue;
      }
      try {
        var _ =
            network
                .ask(voter.address(), PeerApi.HELLO, hello, HELLO_MS)
                .toCompletableFuture()
                .get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof PeerException told
            && told.kind() == PeerException.Kind.REJECTED) {
          rejection = String.valueOf(told.getMessage());
          return true;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new NodeStartException("interrupted while registering", e);
      }
    }
    return false;
  }

  /** The epoch under which this process is registered, or -1. */
  long epoch() {
    return lifecycle.epoch();
  }

  /**
   * When this node was in contact with the majority last, by the clock of all {@link
   * LivenessThread}s; long ago where it never was.
   */
  long lastContactMs() {
    return lifecycle.lastContactMs();
  }

  /** Has a task run, again and again, while others may lead what this broker believes to lead. */
  void whileCutOff(Runnable task) {
    lifecycle.addListener(
        new BrokerListener() {
          @Override
          public void stateChanged(BrokerState from, BrokerState to, String why) {}

          @Override
          public void cutOff() {
            task.run();
          }
        });
  }

  /** Whether others may lead by now what this broker believes to lead. */
  boolean isCutOff() {
    return lifecycle.isCutOff();
  }

  /** Begins to give away what this broker leads, and to take leave; completes when it has. */
  CompletionStage<Void> beginToLeave() {
    return lifecycle.stop();
  }

  /** Takes leave, as long as that may take. */
  void leave() {
    try {
      beginToLeave()
          .toCompletableFuture()
          .get(settings.stopMs() + LEAVE_EXTRA_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Did not take leave of the cluster in order: cause={}", String.valueOf(e));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    losses.close();
    lifecycle.close();
    monitor.close();
    thread.close();
  }

  /** Who may be asked for the sessions of brokers. */
  private record Leaders(ClusterControlPlane control) implements LeaderFinder {

    @Override
    public @Nullable Place leader() {
      int id = control.leaderId(GroupName.LEADERSHIP);
      Address address = control.leaderAddress(GroupName.LEADERSHIP);
      return id < 0 || address == null ? null : new Place(id, address);
    }

    @Override
    public List<Place> voters() {
      return control.voters().stream()
          .map(voter -> new Place(voter.nodeId(), voter.address()))
          .toList();
    }
  }
}
