package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.admin.AdminServer;
import io.penstock.node.admin.AdminSources;
import io.penstock.node.api.data.RecordTimeScanner;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.topic.RecordCodec;
import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.ControlSettings;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.value.Address;
import io.penstock.storage.compact.CleanerSettings;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.dir.LogDirectoriesSettings;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.Disks;
import io.penstock.storage.log.LogSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Penstock process: builds every part by hand and hands each what it needs. Parts are opened
 * from the disk up, so that nothing is served that is not there yet, and closed in reverse. Started
 * and closed once, by one thread:
 *
 * <pre>
 * NEW ─start─► RUNNING ─close─► CLOSED
 *  └──────start fails────────────┘
 * </pre>
 */
public final class Node implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final long CHECKPOINT_MS = 60_000;

  private enum State {
    NEW,
    RUNNING,
    CLOSED
  }

  private final NodeConfig config;
  private final MetricRegistry metrics;
  private final FatalErrorHandler fatal;
  private final NodeStates states;
  private final NodeHealth health;
  private final LongSupplier clock = System::currentTimeMillis;
  private final Closers closers = new Closers();

  private State state = State.NEW;
  private volatile @Nullable Liveness broker;
  private @Nullable HostPort bootstrap;
  private @Nullable Address peerListener;
  private @Nullable AdminServer admin;

  /**
   * Builds nothing yet.
   *
   * @param fatal ends the process where the control plane cannot go on
   * @param states told, a line each, what the node becomes in its cluster
   */
  public Node(
      NodeConfig config, MetricRegistry metrics, FatalErrorHandler fatal, Consumer<String> states) {
    this.config = config;
    this.metrics = metrics;
    this.fatal = fatal;
    this.states = new NodeStates(config.node().id(), states);
    this.health = new NodeHealth(config.node().id());
  }

  /** Opens everything; when this returns, clients are served, if the node is a broker. */
  public void start() throws NodeStartException {
    if (state != State.NEW) {
      throw new IllegalStateException("state=" + state);
    }
    state = State.CLOSED;
    try {
      openAdmin();
      open();
      isUp();
      state = State.RUNNING;
    } catch (IOException e) {
      throw new NodeStartException(String.valueOf(e.getMessage()), e);
    } finally {
      if (state != State.RUNNING) {
        closers.closeAll();
      }
    }
  }

  /** Where clients connect; empty where the node is no broker. */
  public Optional<HostPort> bootstrap() {
    return Optional.ofNullable(bootstrap);
  }

  /** Where other nodes connect. */
  public Address peerListener() {
    Address address = peerListener;
    if (address == null) {
      throw new IllegalStateException("state=" + state);
    }
    return address;
  }

  /** Where operators and their tools connect; empty where they are not to. */
  public Optional<HostPort> adminAddress() {
    return Optional.ofNullable(admin).map(AdminServer::address);
  }

  /** First of all, so that it tells of the whole start and of the whole stop. */
  private void openAdmin() throws IOException {
    HostPort address = config.admin().address();
    if (address != null) {
      AdminSources sources =
          new AdminSources(config.node().id(), metrics, health::readiness, health::groups);
      admin = closers.add("admin port", AdminServer.open(address, sources));
    }
  }

  private void isUp() {
    health.isUp();
    if (admin != null) {
      admin.nodeIsUp();
    }
  }

  private void open() throws IOException, NodeStartException {
    Disk disk = Disks.local();
    DataIdentity identity = DataIdentity.read(disk, config);
    identity.claim();
    long previousEpoch = identity.cleanlyStoppedEpoch();
    LogDirectories directories = closers.add("data directories", openDirectories(disk));
    SelfIntroduction self = new SelfIntroduction(config, identity, UUID.randomUUID());
    PeerSide peers = peers(self);
    Membership membership = new Membership(config, identity, self, peers.network());
    boolean asksOthers = membership.asksOthers();
    if (asksOthers) {
      peers.start();
    }
    ControlSettings settings = membership.find();
    ClusterControlPlane control =
        closers.add(
            "control plane", new ClusterControlPlane(settings, peers.network(), metrics, fatal));
    peers.handle(control.handlers());
    // Raft takes most of the start; what only has to be built is built meanwhile.
    Future<?> controlStarted = inBackground(control::start);
    if (!asksOthers) {
      startMeanwhile(peers, controlStarted);
    }
    HostPort listen = withPort(config.listener().address());
    HostPort reachable = config.listener().reachableAt(listen.port());
    Liveness.Reached reached = reached(reachable, identity, directories.online(), previousEpoch);
    Liveness liveness =
        closers.add(
            "liveness", new Liveness(config, self, reached, peers, control, metrics, fatal));
    BrokerSide brokerSide = null;
    if (config.node().broker()) {
      brokerSide =
          closers.add(
              "broker side",
              new BrokerSide(
                  config,
                  listen,
                  directories,
                  control,
                  new BrokerSide.Cluster(self, peers, liveness, fatal),
                  metrics));
    }
    await(controlStarted);
    self.belongsTo(control.clusterId(), control::voters);
    note(identity, control, settings.begin() != null);
    states.follow(control);
    health.watch(control, liveness, brokerSide);
    liveness.start();
    if (brokerSide != null) {
      broker = liveness;
      brokerSide.enter(identity);
      bootstrap = reachable;
    }
    peerListener = self.member().address();
    say(liveness);
  }

  /** A directory that storage had to leave out is absent, and was not left in order. */
  private static Liveness.Reached reached(
      HostPort address, DataIdentity identity, List<Path> online, long previousEpoch) {
    return new Liveness.Reached(
        Addresses.of(address),
        identity.directoryIds(online),
        identity.canUseAll(online) ? previousEpoch : -1);
  }

  private PeerSide peers(SelfIntroduction self) throws IOException {
    HostPort address = withPort(config.peer().address());
    self.reachedAt(Addresses.of(config.peer().reachableAt(address.port())));
    return closers.add("peers", new PeerSide(address, self, metrics));
  }

  private void say(Liveness liveness) {
    LOG.info(
        "Node is up: node={} cluster={} epoch={} listener={} peers={}",
        config.node().id(),
        config.cluster().name(),
        liveness.epoch(),
        bootstrap,
        peerListener);
  }

  /** Writes down whose the directories are, and now or later that votes are among them. */
  private static void note(
      DataIdentity identity, ClusterControlPlane control, boolean beginsWithAVote)
      throws IOException {
    boolean voter = identity.isMember() || beginsWithAVote;
    if (!identity.isAdopting()) {
      identity.complete(control.clusterId(), voter);
    }
    if (!voter) {
      control.addListener(new VoteNote(control, identity));
    }
  }

  /** A step of the start that may fail as the start may. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static Future<?> inBackground(Step step) {
    FutureTask<?> task =
        new FutureTask<>(() -> {
          step.run();
          return step;
        });
    Thread.ofPlatform().name("penstock-start").start(task);
    return task;
  }

  /** Where this fails, nothing is closed under the other step while it runs. */
  private static void startMeanwhile(PeerSide peers, Future<?> other)
      throws IOException, NodeStartException {
    try {
      peers.start();
    } catch (IOException failure) {
      await(other);
      throw failure;
    }
  }

  private static void await(Future<?> step) throws IOException, NodeStartException {
    try {
      step.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeStartException("interrupted while starting", e);
    }
  }

  /** Goes into the clean-shutdown mark, by which the next start is known to follow this one. */
  private long brokerEpoch() {
    Liveness known = broker;
    return known == null ? -1 : known.epoch();
  }

  private LogDirectories openDirectories(Disk disk) throws IOException {
    int threads = config.data().recoveryThreads();
    LogDirectoriesSettings settings =
        new LogDirectoriesSettings(
            threads > 0 ? threads : Runtime.getRuntime().availableProcessors(),
            config.data().retentionCheck().toMillis(),
            CHECKPOINT_MS,
            this::brokerEpoch,
            new CleanerSettings(
                config.cleaner().threads(),
                config.cleaner().memoryBytes(),
                config.cleaner().unpackedBatchBytes(),
                config.cleaner().rate(),
                config.cleaner().check().toMillis()));
    // Topics' own settings follow when the control plane is up and a partition gets its role;
    // before, nothing is removed from the logs.
    LogSettings untilKnown = new TopicSettings(Map.of(), config.topics().defaults()).forLog();
    return LogDirectories.open(
        config.data().directories(),
        settings,
        _ -> untilKnown,
        new LogDirectories.Environment(
            disk, metrics, clock, new RecordTimeScanner(), new RecordCodec()));
  }

  /** The cluster has to know the port before the socket is opened, so a free one is chosen here. */
  private static HostPort withPort(HostPort address) throws IOException {
    if (address.port() != 0) {
      return address;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(address.host(), 0));
      return address.withPort(probe.getLocalPort());
    }
  }

  /** Closes everything in reverse; fails with all that could not be closed in order. */
  @Override
  public void close() throws IOException {
    if (state != State.RUNNING) {
      state = State.CLOSED;
      return;
    }
    state = State.CLOSED;
    health.isStopping();
    Exception failure = closers.closeAll();
    if (failure != null) {
      throw new IOException("the node did not stop in order: " + failure.getMessage(), failure);
    }
    LOG.info("Node has stopped: node={}", config.node().id());
  }
}
