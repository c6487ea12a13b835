package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.replica.RemoteLeaders;
import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.follower.FollowerServices;
import io.penstock.replication.follower.FollowerSettings;
import io.penstock.replication.follower.ReplicaFollower;
import io.penstock.replication.isr.IsrKeeper;
import io.penstock.replication.isr.IsrSettings;
import io.penstock.replication.isr.OwnRegistration;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.liveness.LivenessThread;
import io.penstock.replication.observer.TaskThread;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This node as one that copies from leaders, and as a leader that others copy from: puts the parts
 * of {@link io.penstock.replication.follower} and {@link io.penstock.replication.isr} together.
 */
final class Replication implements AutoCloseable {

  /** What surrounds the records of one answer, for very many partitions. */
  private static final int ANSWER_OVERHEAD_BYTES = 16 << 20;

  /** Logs that are cut or begun anew at a time; the others wait, each at most once. */
  private static final int RESTORING_THREADS = 2;

  private final ClusterControlPlane control;
  private final ReplicaFollower follower;
  private final IsrKeeper keeper;
  private final Closers closers = new Closers();

  /** Builds everything; nothing is fetched, nor asked for, before roles are observed. */
  Replication(
      NodeConfig config,
      ClusterControlPlane control,
      BrokerSide.Cluster cluster,
      MetricRegistry metrics) {
    this.control = control;
    PeerSide peers = cluster.peers();
    Liveness liveness = cluster.liveness();
    LivenessThread isrThread =
        closers.add(
            "ISR thread",
            new LivenessThread(
                "penstock-isr",
                failure -> cluster.fatal().halt("what looks after ISRs has failed", failure)));
    this.keeper =
        closers.add(
            "ISR keeper",
            new IsrKeeper(
                cluster.self().process(),
                IsrSettings.withLagTimeMaxMs(config.replication().lagTimeMax().toMillis()),
                isrThread,
                control::image,
                new OwnRegistration(liveness::epoch, liveness::lastContactMs),
                control::propose,
                peers.network(),
                metrics));
    RemoteLeaders leaders =
        closers.add(
            "ways to leaders",
            new RemoteLeaders(
                cluster.self(), this::addressOf, peers.watcher(), answerBytesMax(config), metrics));
    ThreadPoolExecutor restoring = restoringThreads();
    closers.add("restoring threads", restoring::shutdownNow);
    TaskThread tasks = closers.add("replica tasks", new TaskThread("penstock-replica-tasks"));
    this.follower =
        closers.add(
            "follower",
            new ReplicaFollower(
                config.node().id(),
                new FollowerServices(liveness::epoch, leaders, tasks, restoring, new Random()),
                settings(config.replication()),
                metrics));
    peers.watch(keeper);
  }

  private @Nullable Address addressOf(int node) {
    BrokerImage broker = control.image().leadership().broker(node);
    return broker == null ? null : broker.peer();
  }

  /** One fetch, and a batch that is larger than that comes alone. */
  private static int answerBytesMax(NodeConfig config) {
    long records = Math.max(config.replication().fetchBytes(), config.limits().requestBytes());
    return (int) Math.min(Integer.MAX_VALUE, records + ANSWER_OVERHEAD_BYTES);
  }

  private static FollowerSettings settings(NodeConfig.Replication replication) {
    FollowerSettings defaults = FollowerSettings.defaults();
    return new FollowerSettings(
        defaults.maxWaitMs(),
        replication.fetchBytes(),
        replication.partitionBytes(),
        defaults.backoffMinMs(),
        defaults.backoffMaxMs(),
        replication.catchUpRate());
  }

  /** Each replica hands in one task at a time, so that the queue is bounded by those. */
  private static ThreadPoolExecutor restoringThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            RESTORING_THREADS,
            RESTORING_THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("penstock-restore-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Copies and looks after what is given to this node's replicas from now on. */
  void observe(PartitionRegistry partitions) {
    partitions.addRoleObserver(follower);
    partitions.addRoleObserver(keeper);
  }

  /** The control plane is there. */
  void start() {
    control.addListener(keeper);
    keeper.start();
  }

  /** Stops fetching, then asks for nothing more. */
  @Override
  public void close() throws IOException {
    Exception failure = closers.closeAll();
    if (failure != null) {
      throw new IOException("replication did not stop in order: " + failure.getMessage(), failure);
    }
  }
}
