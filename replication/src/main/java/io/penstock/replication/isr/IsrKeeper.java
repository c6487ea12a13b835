package io.penstock.replication.isr;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.liveness.LivenessLoop;
import io.penstock.replication.liveness.Prober;
import io.penstock.replication.partition.IsrWatch;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.RoleObserver;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import io.penstock.storage.log.LogId;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Keeps the ISRs of what this node leads as they should be. Partitions become due by an occasion: a
 * follower has caught up or is found to be gone, a role or a broker has changed, or by a look
 * around at those where somebody may lag. Who is silent is looked for as who has hung up is. {@link
 * IsrRequests} judges and asks. All of it happens on one loop; whoever tells of an occasion may do
 * so on any thread and is not held up.
 */
public final class IsrKeeper
    implements RoleObserver, IsrWatch, ImageListener, PeerWatcher, AutoCloseable {

  private final PeerCaller self;
  private final IsrSettings settings;
  private final LivenessLoop loop;
  private final Quorum quorum;
  private final LostPeers lost;
  private final SilentFollowers silent;
  private final Newcomers newcomers;
  private final LedPartitions led = new LedPartitions();
  private final IsrRequests requests;
  private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isAwaited = new AtomicBoolean();
  private volatile boolean isClosed;

  /**
   * @param loop a thread for this alone, or one that nothing holds up; its clock is the one that
   *     followers' progress is noted by
   * @param images the newest image of this node
   */
  public IsrKeeper(
      PeerCaller self,
      IsrSettings settings,
      LivenessLoop loop,
      Supplier<ClusterImage> images,
      OwnRegistration own,
      Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose,
      PeerNetwork network,
      MetricRegistry registry) {
    this.self = self;
    this.settings = settings;
    this.loop = loop;
    this.quorum = new Quorum(self.nodeId(), images, own, propose);
    this.lost =
        new LostPeers(
            new Prober(self, network), settings, loop, quorum, led::lastHeardMs, this::gone);
    this.silent = new SilentFollowers(settings.silenceMs(), led);
    this.newcomers = new Newcomers(settings.settleMs());
    this.requests =
        new IsrRequests(settings, loop, quorum, lost, newcomers, led, IsrMetrics.in(registry, led));
  }

  /** Begins to look around; to be called once. Occasions are taken up before that, too. */
  public void start() {
    var _ = loop.after(settings.scanMs(), this::lookAround);
    var _ = loop.after(settings.listenMs(), this::listen);
  }

  @Override
  public void assigned(PartitionReplica replica, PartitionImage partition) {
    boolean leads = partition.leader() == self.nodeId();
    if (leads) {
      replica.watchIsr(this);
    }
    tell(() -> {
      if (leads) {
        led.put(new LedPartition(replica, partition, demandedInSync(replica.id())));
        requests.add(replica.id());
      } else {
        led.remove(replica);
      }
    });
  }

  private int demandedInSync(LogId id) {
    TopicImage topic = quorum.image().topic(id.topicId());
    return topic == null ? 1 : topic.minInsyncReplicas();
  }

  @Override
  public void removed(PartitionReplica replica) {
    tell(() -> led.remove(replica));
  }

  @Override
  public void followerCaughtUp(PartitionReplica replica) {
    tell(() -> requests.add(replica.id()));
  }

  /** Who was unfenced or came back under a new registration may join what it had to leave. */
  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    boolean[] changed = new boolean[1];
    after.leadership().forEachChangedBroker(before.leadership(), (_, _, _) -> changed[0] = true);
    if (changed[0]) {
      long nowMs = loop.nowMs();
      tell(() -> {
        newcomers.brokersChanged(before.leadership(), after.leadership(), nowMs);
        lost.brokersChanged();
        addWhere(LedPartition::isUnderReplicated);
      });
    }
  }

  @Override
  public void connectionLost(PeerCaller peer, Address address) {
    long nowMs = loop.nowMs();
    if (peer.nodeId() != self.nodeId()) {
      tell(() -> lost.connectionLost(peer, nowMs));
    }
  }

  /** Asks for nothing more. */
  @Override
  public void close() {
    isClosed = true;
    tell(requests::close);
  }

  private void tell(Runnable occasion) {
    news.add(occasion);
    if (isAwaited.compareAndSet(false, true)) {
      loop.execute(this::takeNews);
    }
  }

  private void takeNews() {
    isAwaited.set(false); // before they are taken, so that none after them is missed
    for (Runnable each = news.poll(); each != null; each = news.poll()) {
      each.run();
    }
    requests.ask();
  }

  private void gone(int nodeId) {
    addWhere(partition -> partition.hasInSync(nodeId));
    requests.ask();
  }

  private void lookAround() {
    if (isClosed) {
      return;
    }
    lost.forgetBefore(loop.nowMs() - settings.lagTimeMaxMs());
    addWhere(LedPartition::needsLook);
    requests.ask();
    var _ = loop.after(settings.scanMs(), this::lookAround);
  }

  private void listen() {
    if (isClosed) {
      return;
    }
    silent.find(loop.nowMs()).forEach(lost::silent);
    var _ = loop.after(settings.listenMs(), this::listen);
  }

  private void addWhere(Predicate<LedPartition> isDue) {
    led.forEach(partition -> {
      if (isDue.test(partition)) {
        requests.add(partition.id());
      }
    });
  }
}
