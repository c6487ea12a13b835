package io.penstock.replication.raft;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.value.GroupRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Raft server of a node with all groups it has a voice in. Groups are added first, then {@link
 * #start} opens the directory and returns when every group takes proposals (a lone voter) or takes
 * part in its elections. Started and closed by one thread.
 *
 * <pre>new ─addGroup*─► new ─start─► running ─close─► closed</pre>
 */
public final class RaftHost implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RaftHost.class);
  private static final long WATCH_MS = 1_000;
  private static final long SNAPSHOT_AGE_MAX_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long SNAPSHOT_LOG_BYTES_MAX = 64L * 1024 * 1024;
  private static final long SNAPSHOT_TIMEOUT_MS = 10_000;
  private static final long READY_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long READY_POLL_MS = 1;

  private final RaftSettings settings;
  private final FatalErrorHandler fatal;
  private final RaftMetrics metrics;
  private final RaftPeerId peerId;
  private final ScheduledExecutorService timer;
  private final List<RatisControlGroup<?, ?, ?>> groups = new ArrayList<>();
  private final Map<RaftGroupId, RatisControlGroup<?, ?, ?>> hosted = new LinkedHashMap<>();
  private @Nullable RaftServer server;
  private @Nullable UUID clusterId;
  private volatile boolean closed;

  public RaftHost(RaftSettings settings, MetricRegistry registry, FatalErrorHandler fatal) {
    this.settings = settings;
    this.fatal = fatal;
    this.peerId = RaftPeerId.valueOf(settings.self().peerName());
    this.metrics = new RaftMetrics(settings.self().peerName(), registry);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("control-timer").factory());
  }

  /** Adds a group, before the start. The listener is told of what the start finds, too. */
  public <I, C, R> ControlGroup<I, C, R> addGroup(
      String name, GroupRules<I, C, R> rules, GroupListener<I> listener) {
    RatisStateMachine<I, C, R> stateMachine = new RatisStateMachine<>(name, rules, listener, fatal);
    RatisControlGroup<I, C, R> group =
        new RatisControlGroup<>(name, rules, stateMachine, timer, settings.proposalTimeoutMs());
    groups.add(group);
    return group;
  }

  /**
   * Opens or begins the groups.
   *
   * @throws IOException with a remedy, where the directory is not what it should be
   */
  public void start() throws IOException {
    long startNs = System.nanoTime();
    RaftDirectory directory =
        RaftDirectory.open(settings, groups.stream().map(RatisControlGroup::name).toList());
    clusterId = directory.clusterId();
    for (RatisControlGroup<?, ?, ?> group : groups) {
      RaftGroupId id = RaftGroupId.valueOf(directory.groupId(group.name()));
      hosted.put(id, group);
      metrics.nameGroup(id, group.name());
    }
    metrics.bind();
    if (!settings.isAlone()) {
      directory.markStarted(); // before this member can vote
    }
    RaftServer running = build(directory.isNew());
    server = running;
    for (Map.Entry<RaftGroupId, RatisControlGroup<?, ?, ?>> entry : hosted.entrySet()) {
      running.getDivision(entry.getKey()); // Ratis only logs a group that it could not open
      entry.getValue().attach(running, entry.getKey());
    }
    if (settings.isAlone()) {
      awaitLeadership(running);
    }
    if (directory.isNew()) {
      directory.markStarted();
    }
    var _ = timer.scheduleWithFixedDelay(this::watch, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    LOG.info(
        "the control plane is up cluster={} peer={} ms={}",
        clusterId,
        peerId,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
  }

  private RaftServer build(boolean format) throws IOException {
    RaftServer built = null;
    try {
      // Ratis takes one group here; of those on disk it finds the others by itself.
      built =
          RaftServer.newBuilder()
              .setServerId(peerId)
              .setProperties(RaftPropertiesBuilder.build(settings))
              .setStateMachineRegistry(id -> hostedGroup(id).stateMachine())
              .setGroup(groupOf(hosted.keySet().iterator().next()))
              .setOption(format ? StartupOption.FORMAT : StartupOption.RECOVER)
              .build();
      built.start();
      if (format) {
        for (RaftGroupId id : hosted.keySet().stream().skip(1).toList()) {
          addNewGroup(built, id);
        }
      }
      return built;
    } catch (IOException | RuntimeException e) {
      closeQuietly(built);
      Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
      throw new IOException(
          "cannot open the Raft groups in " + settings.directory() + ": " + cause.getMessage(),
          cause);
    }
  }

  private void addNewGroup(RaftServer running, RaftGroupId id) throws IOException {
    RaftClientReply reply =
        running.groupManagement(
            GroupManagementRequest.newAdd(
                ClientId.randomId(), peerId, CallId.getAndIncrement(), groupOf(id), true));
    if (!reply.isSuccess()) {
      throw new IOException("group " + id + " was not made", reply.getException());
    }
  }

  private RatisControlGroup<?, ?, ?> hostedGroup(RaftGroupId id) {
    RatisControlGroup<?, ?, ?> group = hosted.get(id);
    if (group == null) {
      throw new IllegalStateException("the Raft directory holds an unknown group " + id);
    }
    return group;
  }

  private RaftGroup groupOf(RaftGroupId id) {
    List<RaftPeer> peers = new ArrayList<>();
    for (RaftSettings.Voter voter : settings.voters()) {
      RaftPeer.Builder peer = RaftPeer.newBuilder().setId(voter.peerName());
      peers.add(
          settings.isAlone()
              ? peer.build()
              : peer.setAddress(voter.host() + ":" + voter.port()).build());
    }
    return RaftGroup.valueOf(id, peers);
  }

  /** A lone voter elects itself within milliseconds; its own log is applied before it is ready. */
  private void awaitLeadership(RaftServer running) throws IOException {
    long deadlineNs = System.nanoTime() + READY_TIMEOUT_NS;
    for (RaftGroupId id : hosted.keySet()) {
      while (!running.getDivision(id).getInfo().isLeaderReady()) {
        if (System.nanoTime() - deadlineNs >= 0) {
          throw new IOException(
              "group '" + hostedGroup(id).name() + "' did not elect its only voter");
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

  /** A group that Ratis closed never reopens; a log that grows old or long needs a snapshot. */
  private void watch() {
    RaftServer running = server;
    if (closed || running == null) {
      return;
    }
    try {
      for (Map.Entry<RaftGroupId, RatisControlGroup<?, ?, ?>> entry : hosted.entrySet()) {
        if (!running.getDivision(entry.getKey()).getInfo().isAlive()) {
          throw new IllegalStateException("group '" + entry.getValue().name() + "' is closed");
        }
        if (entry
            .getValue()
            .stateMachine()
            .isSnapshotDue(SNAPSHOT_LOG_BYTES_MAX, SNAPSHOT_AGE_MAX_MS)) {
          requestSnapshot(running, entry.getKey(), entry.getValue().name());
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!closed) {
        fatal.halt("the control plane of this node has stopped", e);
      }
    }
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

  /** The cluster of the groups; drawn when a lone voter starts for the first time. */
  public UUID clusterId() {
    UUID id = clusterId;
    if (id == null) {
      throw new IllegalStateException("not started");
    }
    return id;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (RatisControlGroup<?, ?, ?> group : groups) {
      group.stateMachine().expectClose();
    }
    timer.shutdownNow();
    closeQuietly(server);
    metrics.unbind();
  }

  private static void closeQuietly(@Nullable RaftServer server) {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (IOException e) {
      LOG.warn("the Raft server did not close cleanly", e);
    }
  }
}
