package io.penstock.replication.cluster;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.observer.TaskThread;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.raft.GroupListener;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.raft.RaftHost;
import io.penstock.replication.raft.RaftIdentity;
import io.penstock.replication.raft.RaftSettings.Begin;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's members of both groups, which come and go together while the node runs: opened at the
 * start of a voter, or when an observer is about to be given a vote, and closed when the groups
 * have gone on without this node. Opened and closed on the starting thread or the thread for
 * changes of voters, never on two at once.
 */
final class LocalMembers implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalMembers.class);

  /** How long the members that a node has lost may take to close; Ratis needs a second. */
  private static final long CLOSING_MS_MAX = 5_000;

  private static final long LOOK_MS = 50;

  private final ControlSettings settings;
  private final PeerNetwork network;
  private final MetricRegistry metrics;
  private final FatalErrorHandler fatal;
  private final TaskThread changes;
  private final List<GroupNode<?, ?, ?>> groups;
  private volatile @Nullable RaftHost host;
  private volatile @Nullable UUID clusterId;
  private boolean closed;

  LocalMembers(
      ControlSettings settings,
      PeerNetwork network,
      MetricRegistry metrics,
      FatalErrorHandler fatal,
      TaskThread changes,
      List<GroupNode<?, ?, ?>> groups) {
    this.settings = settings;
    this.network = network;
    this.metrics = metrics;
    this.fatal = fatal;
    this.changes = changes;
    this.groups = List.copyOf(groups);
    this.clusterId = settings.clusterId();
  }

  /**
   * Opens the members, if this node has a vote.
   *
   * @throws IOException with a remedy, where the Raft directory is not what it should be
   */
  void start() throws IOException {
    Begin begin = settings.begin();
    Optional<RaftIdentity> found = RaftIdentity.read(settings.directory());
    if (found.isPresent() && !found.get().member()) {
      clusterId = found.get().clusterId(); // its vote was taken
    } else if (begin != null) {
      open(begin);
    } else if (found.isPresent()) {
      open(new Begin.Found());
    } else if (settings.clusterId() == null) {
      throw new IOException("an observer has to know its cluster; remedy: name one of its nodes");
    }
  }

  private synchronized void open(Begin begin) throws IOException {
    if (closed) {
      throw new IOException("this node is stopping");
    }
    RaftHost opened = new RaftHost(settings.raft(begin), network, metrics, fatal);
    for (GroupNode<?, ?, ?> group : groups) {
      addTo(opened, group);
    }
    host = opened; // what peers ask meanwhile is for it
    opened.start();
    clusterId = opened.clusterId();
  }

  private <I, C, R> void addTo(RaftHost opened, GroupNode<I, C, R> group) {
    HostedGroup<I, C, R> hosted =
        opened.addGroup(group.name().text(), group.rules(), new MemberListener<>(group));
    group.attach(hosted);
  }

  /**
   * Opens members that wait to be given a vote, unless there are some. Where a vote was taken just
   * now, its end is waited for. On the changes' thread.
   */
  CompletionStage<@Nullable Void> openToBeAdded() {
    CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
    changes.run(() -> openWhenClosed(opened, CLOSING_MS_MAX / LOOK_MS));
    return opened;
  }

  private void openWhenClosed(CompletableFuture<@Nullable Void> opened, long looksLeft) {
    closeIfRemoved();
    RaftHost running = host;
    if (running == null) {
      openNow(opened);
    } else if (running.isWhole()) {
      opened.complete(null);
    } else if (looksLeft > 0) {
      changes.runAfter(LOOK_MS, () -> openWhenClosed(opened, looksLeft - 1));
    } else {
      opened.completeExceptionally(
          new IOException(
              "this node has a vote in one group only; remedy: take it, then give it again"));
    }
  }

  private void openNow(CompletableFuture<@Nullable Void> opened) {
    try {
      UUID cluster = clusterId;
      if (cluster != null) {
        open(new Begin.ToBeAdded(cluster));
        groups.forEach(GroupNode::start);
      }
      opened.complete(null);
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot prepare for a vote", e);
      abandon();
      opened.completeExceptionally(e);
    }
  }

  private synchronized void abandon() {
    RaftHost failed = host;
    host = null;
    groups.forEach(GroupNode::detach);
    if (failed != null) {
      failed.close();
    }
  }

  /** Once neither group has a member here any more, what hosted them ends. */
  private synchronized void closeIfRemoved() {
    if (host != null && groups.stream().allMatch(group -> group.member() == null)) {
      abandon();
    }
  }

  PeerHandler raftHandler() {
    return (PeerCaller caller, byte[] body) -> {
      RaftHost running = host;
      return running == null
          ? CompletableFuture.failedFuture(new IllegalStateException("this node has no vote"))
          : running.raftHandler().handle(caller, body);
    };
  }

  void suspect(int nodeId) {
    RaftHost running = host;
    if (running != null) {
      running.suspect(nodeId);
    }
  }

  UUID clusterId() {
    UUID id = clusterId;
    if (id == null) {
      throw new IllegalStateException("not started");
    }
    return id;
  }

  @Override
  public synchronized void close() {
    closed = true;
    RaftHost running = host;
    if (running != null) {
      running.close();
    }
  }

  /** Brings what becomes of a member to its group, and sees to its end. */
  private final class MemberListener<I> implements GroupListener<I> {

    private final GroupNode<I, ?, ?> group;

    private MemberListener(GroupNode<I, ?, ?> group) {
      this.group = group;
    }

    @Override
    public void imageChanged(Position at, I image) {
      group.imageChanged(at, image);
    }

    @Override
    public void applied(Position at, byte[] command) {
      group.applied(at, command);
    }

    @Override
    public void roleChanged(GroupRole role) {
      group.roleChanged(role);
    }

    @Override
    public void removed() {
      group.removed();
      changes.run(LocalMembers.this::closeIfRemoved);
    }
  }
}
