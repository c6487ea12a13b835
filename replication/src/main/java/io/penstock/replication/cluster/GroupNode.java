package io.penstock.replication.cluster;

import io.penstock.replication.observer.GroupReplica;
import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.ObserverFeed;
import io.penstock.replication.observer.ObserverPoller;
import io.penstock.replication.observer.PollerSettings;
import io.penstock.replication.observer.TaskThread;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.proposal.GroupPort;
import io.penstock.replication.proposal.Proposer;
import io.penstock.replication.proposal.ProposerSettings;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.raft.GroupListener;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One group as this node takes part in it: with a vote, through its member; without, through its
 * observer; and from the one to the other while it runs. The observer works whenever the member has
 * no vote, is behind what was seen here already, or has heard of no leader for long: it may have
 * been taken out without being told. Any thread may call.
 */
final class GroupNode<I, C, R> implements GroupListener<I>, GroupPort<R>, AutoCloseable {

  /** Longer than elections take. */
  private static final long LEADERLESS_MAX_MS = 5_000;

  private final GroupName name;
  private final Member self;
  private final GroupRules<I, C, R> rules;
  private final GroupReplica<I> replica;
  private final ObserverFeed<I> feed;
  private final TaskThread observerThread;
  private final ObserverPoller<I, C> poller;
  private final Proposer<C, R> proposer;
  private final Object roles = new Object();
  private final List<RoleListener> roleListeners = new ArrayList<>();
  private GroupRole toldRole = GroupRole.UNKNOWN;
  private volatile @Nullable HostedGroup<I, C, R> member;
  private volatile long leaderlessSinceMs;
  private volatile boolean observing;
  private boolean started;
  private boolean closed;

  /** What both groups share. */
  record Shared(
      ControlSettings settings,
      PeerNetwork network,
      Tasks timer,
      Tasks feedThread,
      Tasks encoderThread,
      FatalErrorHandler fatal) {}

  GroupNode(
      GroupName name,
      GroupRules<I, C, R> rules,
      Shared shared,
      GroupReplica.Listener<I> imageListener) {
    this.name = name;
    this.self = shared.settings.self();
    this.rules = rules;
    this.replica = new GroupReplica<>(rules.emptyImage(), imageListener);
    this.feed =
        new ObserverFeed<>(
            rules,
            this::votes,
            this::view,
            shared.feedThread,
            shared.encoderThread,
            System::currentTimeMillis);
    this.observerThread = new TaskThread("observer-" + name.text());
    this.poller =
        new ObserverPoller<>(
            rules,
            replica,
            shared.network,
            observerThread,
            new java.util.Random(),
            new PollerSettings(
                name.id(), name.text(), self, shared.settings.seeds(), PollerSettings.WAIT_MS),
            new ObserverPoller.Listener() {
              @Override
              public void viewChanged(GroupView view) {
                tellRole();
              }

              @Override
              public void failed(String reason, Throwable cause) {
                shared.fatal.halt(reason, cause);
              }
            });
    this.proposer =
        new Proposer<>(
            rules,
            this,
            replica,
            shared.network,
            shared.timer,
            new ProposerSettings(
                name.id(),
                name.text(),
                self.nodeId(),
                HostedGroup.COMMAND_BYTES_MAX,
                shared.settings.proposalTimeoutMs()));
  }

  GroupName name() {
    return name;
  }

  GroupRules<I, C, R> rules() {
    return rules;
  }

  GroupReplica<I> replica() {
    return replica;
  }

  ObserverFeed<I> feed() {
    return feed;
  }

  Proposer<C, R> proposer() {
    return proposer;
  }

  /** This node's member of the group, or null where it has none. */
  @Nullable HostedGroup<I, C, R> member() {
    return member;
  }

  /** There is a member from now on; it is opened next. */
  void attach(HostedGroup<I, C, R> hosted) {
    feed.beginAnew();
    leaderlessSinceMs = observerThread.nowMs();
    member = hosted;
  }

  /** The member could not be opened. */
  void detach() {
    member = null;
  }

  /** All is opened that there is. */
  void start() {
    synchronized (roles) {
      started = true;
    }
    roleChanged(role());
  }

  /** Whether this node's member is one of the voters. */
  boolean votes() {
    HostedGroup<I, C, R> hosted = member;
    return hosted != null && isAmong(hosted.voters());
  }

  private boolean isAmong(List<Member> voters) {
    for (Member voter : voters) {
      if (voter.nodeId() == self.nodeId() && voter.directoryId().equals(self.directoryId())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public GroupView view() {
    HostedGroup<I, C, R> hosted = member;
    GroupView observed = poller.view();
    if (hosted != null) {
      List<Member> voters = hosted.voters();
      GroupRole role = hosted.role();
      if (role.term() >= observed.term() && isAmong(voters)) {
        return new GroupView(role.leaderId(), role.term(), voters);
      }
    }
    return observed;
  }

  /** Who leads, and whether it is this node. */
  GroupRole role() {
    HostedGroup<I, C, R> hosted = member;
    GroupRole hostedRole = hosted == null ? GroupRole.UNKNOWN : hosted.role();
    if (hostedRole.leaderHere()) {
      return hostedRole;
    }
    GroupView view = view();
    return new GroupRole(view.leaderId(), view.term(), false);
  }

  @Override
  public long leadsInTerm() {
    HostedGroup<I, C, R> hosted = member;
    GroupRole hostedRole = hosted == null ? GroupRole.UNKNOWN : hosted.role();
    return hostedRole.leaderHere() ? hostedRole.term() : -1;
  }

  @Override
  public CompletionStage<Submission<R>> submit(UUID from, long callId, byte[] command) {
    HostedGroup<I, C, R> hosted = member;
    return hosted == null
        ? CompletableFuture.failedFuture(
            new ControlUnavailableException("group '" + name.text() + "' is closed here"))
        : hosted.submit(from, callId, command);
  }

  /** Tells of the role now, then of every change. */
  void addRoleListener(RoleListener listener) {
    synchronized (roles) {
      roleListeners.add(listener);
      listener.roleChanged(toldRole);
    }
  }

  private void tellRole() {
    GroupRole now;
    synchronized (roles) {
      now = role();
      if (!started || now.equals(toldRole)) {
        return;
      }
      toldRole = now;
      for (RoleListener listener : roleListeners) {
        listener.roleChanged(now);
      }
    }
    proposer.leaderChanged(now);
  }

  @Override
  public void applied(Position at, byte[] command) {
    feed.applied(at, command);
  }

  @Override
  public void imageChanged(Position at, I image) {
    feed.imageChanged(at, image);
    replica.offer(at, image);
    if (observing) {
      observeWhereNeeded();
    }
  }

  @Override
  public void roleChanged(GroupRole role) {
    if (role.leaderId() != GroupRole.NOBODY) {
      leaderlessSinceMs = -1;
    } else {
      if (leaderlessSinceMs < 0) {
        leaderlessSinceMs = observerThread.nowMs();
      }
      observerThread.runAfter(LEADERLESS_MAX_MS + 1, this::observeWhereNeeded);
    }
    tellRole();
    observeWhereNeeded();
  }

  @Override
  public void removed() {
    member = null;
    feed.wake(); // who waits here is to ask a voter
    tellRole();
    observeWhereNeeded();
  }

  private void observeWhereNeeded() {
    boolean needed = isObserverNeeded();
    synchronized (roles) {
      if (!started || closed || observing == needed) {
        return;
      }
      observing = needed;
      poller.setActive(needed);
    }
  }

  private boolean isObserverNeeded() {
    HostedGroup<I, C, R> hosted = member;
    if (hosted == null || !isAmong(hosted.voters())) {
      return true;
    }
    if (hosted.role().leaderId() == GroupRole.NOBODY) {
      long sinceMs = leaderlessSinceMs;
      return sinceMs >= 0 && observerThread.nowMs() - sinceMs > LEADERLESS_MAX_MS;
    }
    return hosted.applied().index() < replica.at().index();
  }

  @Override
  public void close() {
    synchronized (roles) {
      closed = true;
    }
    proposer.close();
    poller.setActive(false);
    observerThread.close();
    feed.close();
  }
}
