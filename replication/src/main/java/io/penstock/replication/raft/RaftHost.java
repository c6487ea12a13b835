package io.penstock.replication.raft;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.RaftSettings.Begin;
import io.penstock.replication.value.GroupRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Raft server of a node with all groups it has a voice in. Groups are added first, then {@link
 * #start} opens the directory and returns when every group takes proposals (a lone voter) or takes
 * part in its elections. Started and closed by one thread.
 *
 * <pre>new ─addGroup*─► new ─start─► running ─close─► closed</pre>
 *
 * <p>A group whose voters go on without this node is closed by Ratis, which is all right; a group
 * that Ratis closed for any other reason never reopens, and stops the process.
 */
public final class RaftHost implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RaftHost.class);
  private static final long WATCH_MS = 200;
  private static final long RPC_TIMEOUT_MAX_MS = 2_000;
  private static final long SNAPSHOT_AGE_MAX_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long SNAPSHOT_LOG_BYTES_MAX = 64L * 1024 * 1024;
  private static final long SNAPSHOT_TIMEOUT_MS = 10_000;
  private static final long READY_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long READY_POLL_MS = 1;
  private static final long HAND_OVER_MS = 1_000;

  private final RaftSettings settings;
  private final LogLimits limits;
  private final FatalErrorHandler fatal;
  private final RaftMetrics metrics;
  private final RaftPeerId peerId;
  private final PeerTransport transport;
  private final ScheduledExecutorService timer;
  private final List<RatisGroup<?, ?, ?>> groups = new ArrayList<>();
  private final Map<RaftGroupId, RatisGroup<?, ?, ?>> hosted = new LinkedHashMap<>();
  private final Set<RaftGroupId> goneOn = ConcurrentHashMap.newKeySet();
  private @Nullable RaftDirectory directory;
  private @Nullable RaftServer server;
  private volatile @Nullable Elections elections;
  private volatile @Nullable LostMajority lostMajority;
  private volatile boolean closed;

  public RaftHost(
      RaftSettings settings,
      PeerNetwork network,
      MetricRegistry registry,
      FatalErrorHandler fatal) {
    this(settings, LogLimits.DEFAULT, network, registry, fatal);
  }

  RaftHost(
      RaftSettings settings,
      LogLimits limits,
      PeerNetwork network,
      MetricRegistry registry,
      FatalErrorHandler fatal) {
    this.settings = settings;
    this.limits = limits;
    this.fatal = fatal;
    this.peerId = PeerNames.idOf(settings.self());
    this.metrics = new RaftMetrics(peerId.toString(), registry);
    this.transport =
        new PeerTransport(
            "" + settings.nodeId(),
            network,
            Math.min(RPC_TIMEOUT_MAX_MS, settings.electionTimeoutMs()),
            this::goneOnWithout);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("control-timer").factory());
  }

  /** Adds a group, before the start. The listener is told of what the start finds, too. */
  public <I, C, R> HostedGroup<I, C, R> addGroup(
      String name, GroupRules<I, C, R> rules, GroupListener<I> listener) {
    RatisStateMachine<I, C, R> stateMachine =
        new RatisStateMachine<>(
            name, rules, listener, this::lookSoon, transport.appenders()::committed, fatal);
    RatisGroup<I, C, R> group = new RatisGroup<>(name, settings.self(), listener, stateMachine);
    groups.add(group);
    return group;
  }

  /** Answers what the other voters ask of the groups here. */
  public PeerHandler raftHandler() {
    return transport;
  }

  /**
   * Opens or begins the groups.
   *
   * @throws IOException with a remedy, where the directory is not what it should be
   */
  public void start() throws IOException {
    long startNs = System.nanoTime();
    RaftDirectory opened =
        RaftDirectory.open(settings, groups.stream().map(RatisGroup::name).toList());
    directory = opened;
    for (RatisGroup<?, ?, ?> group : groups) {
      RaftGroupId id = RaftGroupId.valueOf(opened.groupId(group.name()));
      hosted.put(id, group);
      metrics.nameGroup(id, group.name());
    }
    metrics.bind();
    List<Member> voters =
        settings.begin() instanceof Begin.NewGroups(_, List<Member> named) ? named : List.of();
    GroupOpener opener = new GroupOpener(settings, limits, transport, hosted);
    RaftServer running = opened.isNew() ? opener.begin(voters) : opener.recover();
    server = running;
    elections = new Elections(running, transport, timer, settings.electionTimeoutMs());
    lostMajority = new LostMajority(running, 2 * settings.electionTimeoutMs(), WATCH_MS);
    for (Map.Entry<RaftGroupId, RatisGroup<?, ?, ?>> entry : hosted.entrySet()) {
      running.getDivision(entry.getKey()); // Ratis only logs a group that it could not open
      entry.getValue().attach(running, entry.getKey());
    }
    opened.markStarted(); // before a vote of this member leaves the process
    transport.open();
    awaitLeadershipWhereAlone(running);
    var _ = timer.scheduleWithFixedDelay(this::watch, 0, WATCH_MS, TimeUnit.MILLISECONDS);
    LOG.info(
        "the control plane is up cluster={} peer={} ms={}",
        opened.clusterId(),
        peerId,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
  }

  /** A lone voter waits for nobody; its own log is applied before it is ready. */
  private void awaitLeadershipWhereAlone(RaftServer running) throws IOException {
    List<RaftGroupId> alone = new ArrayList<>();
    for (Map.Entry<RaftGroupId, RatisGroup<?, ?, ?>> entry : hosted.entrySet()) {
      List<Member> voters = entry.getValue().voters();
      if (voters.size() == 1 && isVoter(entry.getValue())) {
        var _ = Elections.stand(running, entry.getKey());
        alone.add(entry.getKey());
      }
    }
    long deadlineNs = System.nanoTime() + READY_TIMEOUT_NS;
    for (RaftGroupId id : alone) {
      while (!running.getDivision(id).getInfo().isLeaderReady()) {
        if (System.nanoTime() - deadlineNs >= 0) {
          throw new IOException("group '" + nameOf(id) + "' did not elect its only voter");
        }
        try {
          TimeUnit.MILLISECONDS.sleep(READY_POLL_MS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while starting", e);
        }
      }
    }
  }

  private String nameOf(RaftGroupId id) {
    RatisGroup<?, ?, ?> group = hosted.get(id);
    return group == null ? id.toString() : group.name();
  }

  /**
   * Whether all groups are open here. One that has gone on without this node closes a moment later,
   * and is opened again only by another host.
   */
  public boolean isWhole() {
    RaftServer running = server;
    if (closed || running == null) {
      return false;
    }
    try {
      for (Map.Entry<RaftGroupId, RatisGroup<?, ?, ?>> entry : hosted.entrySet()) {
        if (entry.getValue().isRemoved()
            || !running.getDivision(entry.getKey()).getInfo().isAlive()) {
          return false;
        }
      }
      return true;
    } catch (IOException _) {
      return false; // closed
    }
  }

  /**
   * There is evidence that the process of a voter is gone: where it led, others may stand for
   * election now. Any thread may call it, as often as it likes.
   */
  public void suspect(int nodeId) {
    onTimer(() -> {
      Elections running = elections;
      if (running != null && !closed) {
        hosted.forEach((id, group) -> running.suspect(id, group, nodeId));
      }
    });
  }

  /** A leader answered that its group has gone on without this member. */
  private void goneOnWithout(RaftGroupId id) {
    goneOn.add(id);
    lookSoon();
  }

  /** Ratis tells, with its locks held, that something may be new. */
  private void lookSoon() {
    onTimer(this::watch);
  }

  private void onTimer(Runnable task) {
    try {
      timer.execute(task);
    } catch (RejectedExecutionException _) {
      // closed
    }
  }

  /**
   * Looks after each group: its role, its end, and its log, which needs a snapshot now and then.
   */
  private void watch() {
    RaftServer running = server;
    if (closed || running == null) {
      return;
    }
    try {
      for (Map.Entry<RaftGroupId, RatisGroup<?, ?, ?>> entry : hosted.entrySet()) {
        if (!entry.getValue().isRemoved()) {
          watch(running, entry.getKey(), entry.getValue());
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        fatal.halt("the control plane of this node has stopped", e);
      }
    }
  }

  private void watch(RaftServer running, RaftGroupId id, RatisGroup<?, ?, ?> group)
      throws IOException {
    if (!running.getDivision(id).getInfo().isAlive()) {
      boolean serverLives = !running.getLifeCycleState().isClosingOrClosed();
      if (!serverLives || !(goneOn.contains(id) || !isVoter(group))) {
        throw new IllegalStateException(
            "Ratis closed group '" + group.name() + "', which never reopens by itself");
      }
      remove(group);
      return;
    }
    group.tellRole();
    Elections electing = elections;
    if (electing != null) {
      electing.watch(id, group);
    }
    LostMajority leading = lostMajority;
    if (leading != null) {
      leading.watch(id, group);
    }
    if (group.stateMachine().isSnapshotDue(SNAPSHOT_LOG_BYTES_MAX, SNAPSHOT_AGE_MAX_MS)) {
      requestSnapshot(running, id, group.name());
    }
  }

  /** By its ids: where it listens may be new. */
  private boolean isVoter(RatisGroup<?, ?, ?> group) {
    return group.voters().stream().anyMatch(voter -> PeerNames.idOf(voter).equals(peerId));
  }

  private void remove(RatisGroup<?, ?, ?> group) throws IOException {
    LOG.info("this node has no vote any more group={}", group.name());
    RaftDirectory opened = directory;
    if (opened != null && groups.stream().allMatch(each -> each == group || each.isRemoved())) {
      opened.markRemoved(); // before anybody is told
    }
    group.remove();
  }

  private void requestSnapshot(RaftServer running, RaftGroupId id, String name) throws IOException {
    // A creation gap of 1, since 0 stands for the default of 1024 entries.
    var _ =
        running
            .snapshotManagementAsync(
                SnapshotManagementRequest.newCreate(
                    ClientId.randomId(),
                    peerId,
                    id,
                    CallId.getAndIncrement(),
                    SNAPSHOT_TIMEOUT_MS,
                    1))
            .whenComplete((_, failure) -> {
              if (failure != null) {
                LOG.warn("no snapshot now, will try again group={}", name, failure);
              }
            });
  }

  /**
   * A node has said where it listens. From now on it is reached there, wherever it listened when it
   * became a voter: Ratis takes no new address for a voter that it has. Any thread may call it.
   */
  public void learn(Member member) {
    transport.learn(member);
  }

  /** What tests look into. */
  @Nullable RaftServer server() {
    return server;
  }

  /** The cluster of the groups; drawn when a lone voter starts for the first time. */
  public UUID clusterId() {
    RaftDirectory opened = directory;
    if (opened == null) {
      throw new IllegalStateException("not started");
    }
    return opened.clusterId();
  }

  /**
   * Hands over what this node leads, so that the others need no election to go on, and closes. The
   * others may be gone or closing too, so this is tried for a second, not more.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    List<CompletableFuture<Boolean>> handedOver = new ArrayList<>();
    for (RatisGroup<?, ?, ?> group : groups) {
      group
          .successor()
          .ifPresent(node -> handedOver.add(group.transferLeadership(node).toCompletableFuture()));
    }
    try {
      CompletableFuture.allOf(handedOver.toArray(new CompletableFuture<?>[0]))
          .get(HAND_OVER_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("not all was handed over cause={}", e.toString());
    }
    closeAtOnce();
  }

  /** Closes as a process that dies does. */
  void closeAtOnce() {
    if (closed) {
      return;
    }
    closed = true;
    timer.shutdownNow();
    transport.close();
    GroupOpener.closeQuietly(server);
    metrics.unbind();
  }
}
