package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.admin.GroupSources;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.api.admin.ConfigReconciler;
import io.penstock.node.api.admin.InsyncMinimums;
import io.penstock.node.api.data.ProducerPause;
import io.penstock.node.cold.ColdReadSettings;
import io.penstock.node.cold.ColdReads;
import io.penstock.node.config.GroupTimes;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.group.CoordinatorMemory;
import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.GroupPositions;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.GroupViews;
import io.penstock.node.group.ImageTopics;
import io.penstock.node.group.OffsetExpiry;
import io.penstock.node.group.assign.RangeAssignor;
import io.penstock.node.group.assign.ServerAssignor;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.node.group.lag.LagMetrics;
import io.penstock.node.group.lag.LagWatch;
import io.penstock.node.group.lag.ProgressHandler;
import io.penstock.node.net.KafkaServer;
import io.penstock.node.net.ListenerKind;
import io.penstock.node.net.ServerSettings;
import io.penstock.node.net.ServerSettings.ConnectionLimits;
import io.penstock.node.net.ServerSettings.RequestLimits;
import io.penstock.node.net.receive.FrameLimiter;
import io.penstock.node.net.receive.MemoryBudget;
import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.storage.dir.LogDirectories;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What makes a node a broker: its partitions, and the server for clients. A voter that is no broker
 * has none of it. Built while the control plane starts, entered when that is there, closed in
 * reverse; used by the thread that starts and closes the node.
 */
final class BrokerSide implements AutoCloseable {

  private static final int OTHER_REQUEST_BYTES_MAX = 8 << 20;
  private static final int FIRST_REQUEST_BYTES_MAX = 64 << 10;
  private static final int FILE_THREADS = 4;
  private static final int FILE_TASKS_MAX = 1_000;
  private static final int COLD_READS_WAITING_MAX = 256;
  private static final int SCANS_MAX = 1_024;

  private final NodeConfig config;
  private final LogDirectories directories;
  private final ClusterControlPlane control;
  private final MetricRegistry metrics;
  private final LongSupplier clock = System::currentTimeMillis;
  private final Closers closers = new Closers();
  private final Cluster cluster;
  private final PartitionRegistry partitions;
  private final Replication replication;
  private final GroupShards groups;
  private final OffsetExpiry expiry;
  private final LagWatch lags;
  private final ImageTopics groupTopics;
  private final GroupKinds groupKinds;
  private final ProducerPause pause = new ProducerPause(System::nanoTime);
  private final KafkaServer server;

  /** This node among the others. */
  record Cluster(
      SelfIntroduction self, PeerSide peers, Liveness liveness, FatalErrorHandler fatal) {}

  /** Builds everything and serves nobody yet. */
  BrokerSide(
      NodeConfig config,
      HostPort listen,
      LogDirectories directories,
      ClusterControlPlane control,
      Cluster cluster,
      MetricRegistry metrics) {
    this.config = config;
    this.directories = directories;
    this.control = control;
    this.cluster = cluster;
    this.metrics = metrics;
    this.partitions =
        closers.add(
            "partitions",
            new PartitionRegistry(
                cluster.self().process(),
                directories,
                (topicId, metadata) ->
                    new TopicSettings(metadata.topicConfigs(topicId), config.topics().defaults())
                        .forLog()));
    this.groupTopics = new ImageTopics(control::image);
    this.groupKinds = groupKinds();
    this.groups =
        closers.add(
            "groups",
            new GroupShards(
                new GroupShards.Environment(
                    control::image, cluster.liveness()::isCutOff, clock, groupKinds),
                new CoordinatorMemory(config.groups().memoryBytes()),
                metrics));
    this.expiry =
        closers.add(
            "expiry of offsets",
            new OffsetExpiry(groups, control::image, config.groups().offsets().retention()));
    this.lags = closers.add("lags of groups", lags());
    partitions.addRoleObserver(groups);
    this.server = closers.add("server", server(listen));
    this.replication =
        closers.add("replication", new Replication(config, control, cluster, metrics));
    replication.observe(partitions);
    cluster.liveness().whileCutOff(partitions::cutOff);
  }

  private GroupKinds groupKinds() {
    ClassicSettings classic =
        ClassicSettings.standard()
            .limitedBy(
                config.groups().initialRebalanceDelay(),
                config.groups().sessionTimeoutMin(),
                config.groups().sessionTimeoutMax(),
                config.groups().members());
    return new GroupKinds(
        classic, consumerSettings(config.groups().consumers(), classic), groupTopics);
  }

  private ConsumerSettings consumerSettings(
      NodeConfig.Consumers consumers, ClassicSettings classic) {
    GroupTimes times = GroupTimes.of(consumers);
    List<ServerAssignor> known = List.of(new UniformAssignor(), new RangeAssignor());
    List<ServerAssignor> assignors =
        consumers.assignors().stream()
            .flatMap(name -> known.stream().filter(each -> each.name().equals(name)))
            .toList();
    return ConsumerSettings.standard(assignors, classic)
        .limitedBy(
            groupId -> timesOf(groupId, times),
            consumers.members(),
            new ConsumerSettings.Migration(
                consumers.migration().mayUpgrade(), consumers.migration().mayDowngrade(), classic));
  }

  private ConsumerSettings.Times timesOf(String groupId, GroupTimes times) {
    SortedMap<String, String> own = control.image().metadata().groupConfigs(groupId);
    return new ConsumerSettings.Times(
        times.session().inForceMs(own), times.heartbeat().inForceMs(own));
  }

  /** Becomes a broker whose partitions are open, and serves clients. */
  void enter(DataIdentity identity) throws IOException, NodeStartException {
    Liveness liveness = cluster.liveness();
    // Leaves while fetching goes on in both directions, so that nobody's acks wait for it.
    closers.add("broker", this::leave);
    replication.start();
    if (!identity.isAdopting()) {
      control.addListener(partitions);
    }
    liveness.enter();
    StartProposals proposals = new StartProposals(control);
    if (identity.isAdopting()) {
      new KafkaAdoption(proposals, config).adopt(directories.found());
    }
    proposals.await(new InsyncMinimums(control, config.topics().defaults()).followAll());
    if (identity.isAdopting()) {
      identity.complete(control.clusterId(), control.isVoter());
      control.addListener(partitions);
    }
    KafkaAdoption.reportUnknown(directories.found().keySet(), control.image().leadership());
    control.addListener(groupTopics);
    control.addListener(expiry);
    expiry.start();
    if (!config.groups().lag().check().equals(NodeConfig.Lag.OFF)) {
      lags.start(config.groups().lag().check().toMillis());
    }
    closers.add("reconciler", new ConfigReconciler(control, config.topics().defaults())).start();
    server.start();
  }

  /** What is known of groups here. */
  GroupSources groupSources() {
    return new GroupSources(
        new GroupViews(config.node().id(), groups, control::image), lags::table, control::image);
  }

  /** Partitions that are being opened; -1 where it is not known yet which there are. */
  int openingCount() {
    return partitions.openingCount();
  }

  private LagWatch lags() {
    ProgressHandler progress = closers.add("answers about lag", new ProgressHandler(partitions));
    cluster.peers().handle(Map.of(PeerApi.PROGRESS, progress));
    return new LagWatch(
        new LagWatch.Environment(
            config.node().id(),
            new GroupPositions(groups),
            progress,
            control::image,
            cluster.peers().network(),
            clock),
        new LagMetrics(metrics, config.groups().lag().gauges()));
  }

  private void leave() throws InterruptedException {
    Liveness liveness = cluster.liveness();
    new HandOver(
            new Requests(server, pause),
            () -> HandOver.led(partitions, control.image().leadership()),
            liveness::beginToLeave)
        .run();
    liveness.leave();
  }

  private record Requests(KafkaServer server, ProducerPause pause) implements HandOver.Requests {

    @Override
    public void pause(long ms) {
      pause.begin(ms);
    }

    @Override
    public long produced() {
      return pause.requests();
    }

    @Override
    public CompletionStage<Void> hold() {
      return server.hold();
    }

    @Override
    public void goOn() {
      server.goOn();
    }

    @Override
    public void endIdle() {
      server.endIdle();
    }
  }

  private KafkaServer server(HostPort listen) {
    ColdReads coldReads =
        closers.add(
            "cold reads",
            new ColdReads(
                new ColdReadSettings(
                    config.threads().coldReads(), COLD_READS_WAITING_MAX, SCANS_MAX),
                metrics));
    ThreadPoolExecutor files = fileThreads();
    closers.add("file threads", files::shutdownNow);
    HandlerTable.Services services =
        new HandlerTable.Services(
            config,
            control,
            directories,
            partitions,
            groups,
            groupKinds,
            coldReads,
            files,
            cluster.liveness()::isCutOff,
            pause,
            clock,
            metrics);
    ApiHandlers handlers = HandlerTable.of(services);
    cluster.peers().serveFetches(handlers);
    closers.add("fetches of followers", cluster.peers()::stopFetches);
    return new KafkaServer(
        serverSettings(listen), handlers, new MemoryBudget(config.limits().memoryBytes()), metrics);
  }

  private ServerSettings serverSettings(HostPort listen) {
    NodeConfig.Limits limits = config.limits();
    int other = Math.min(OTHER_REQUEST_BYTES_MAX, limits.requestBytes());
    return new ServerSettings(
        ListenerKind.CLIENTS,
        "PLAINTEXT",
        new InetSocketAddress(listen.host(), listen.port()),
        config.eventLoopCount(),
        true,
        new FrameLimiter(limits.requestBytes(), other, Math.min(FIRST_REQUEST_BYTES_MAX, other)),
        RequestLimits.defaults(),
        new ConnectionLimits(
            limits.connections(), limits.connections(), limits.connectionIdle().toMillis()));
  }

  private static ThreadPoolExecutor fileThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            FILE_THREADS,
            FILE_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(FILE_TASKS_MAX),
            Thread.ofPlatform().name("penstock-files-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Takes leave of the cluster, then stops serving, then lets the partitions go. */
  @Override
  public void close() throws IOException {
    Exception failure = closers.closeAll();
    if (failure != null) {
      throw new IOException("the broker did not stop in order: " + failure.getMessage(), failure);
    }
  }
}
