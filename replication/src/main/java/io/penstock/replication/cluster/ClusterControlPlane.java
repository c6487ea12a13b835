package io.penstock.replication.cluster;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.observer.FeedHandlers;
import io.penstock.replication.observer.TaskThread;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.proposal.ProposalHandler;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of a node, be it one of several voters, the only one, or an observer, and while
 * it turns from the one into the other. Each group is applied on a thread of its own; here their
 * images are joined and listeners told, one at a time, under one lock that is held for nothing
 * else.
 *
 * <pre>new ─start─► running ─close─► closed</pre>
 */
public final class ClusterControlPlane implements ControlPlane {

  private final ControlSettings settings;
  private final TaskThread timer = new TaskThread("control-proposals");
  private final TaskThread feedThread = new TaskThread("observer-feed");
  private final TaskThread encoderThread = new TaskThread("observer-snapshots");
  private final TaskThread voterThread = new TaskThread("control-voters");
  private final GroupNode<LeadershipImage, LeadershipCommand, LeadershipResult> leadership;
  private final GroupNode<MetadataImage, MetadataCommand, MetadataResult> metadata;
  private final LocalMembers members;
  private final StatusReporter reporter;
  private final VoterChanges voterChanges;
  private final Object changes = new Object();
  private final List<ImageListener> listeners = new ArrayList<>();
  private volatile ClusterImage image = ClusterImage.EMPTY;

  /** Acquires nothing yet; see {@link #start}. */
  public ClusterControlPlane(
      ControlSettings settings,
      PeerNetwork network,
      MetricRegistry metrics,
      FatalErrorHandler fatal) {
    this.settings = settings;
    GroupNode.Shared shared =
        new GroupNode.Shared(settings, network, timer, feedThread, encoderThread, fatal);
    this.leadership =
        new GroupNode<>(
            GroupName.LEADERSHIP,
            new LeadershipGroupRules(),
            shared,
            (_, changed) -> leadershipChanged(changed));
    this.metadata =
        new GroupNode<>(
            GroupName.METADATA,
            new MetadataGroupRules(),
            shared,
            (_, changed) -> metadataChanged(changed));
    List<GroupNode<?, ?, ?>> groups = List.of(leadership, metadata);
    this.members = new LocalMembers(settings, network, metrics, fatal, voterThread, groups);
    this.reporter = new StatusReporter(settings.self().nodeId(), network, timer, groups);
    this.voterChanges =
        new VoterChanges(
            settings.self(),
            network,
            voterThread,
            timer,
            groups,
            members,
            reporter,
            this::registeredAddress);
  }

  /**
   * Opens the groups. A lone voter takes proposals when this returns, and its image shows all that
   * it had agreed on before; another voter has what its disk holds; an observer has begun to ask.
   *
   * @throws IOException with a remedy, where the Raft directory is not what it should be
   */
  public void start() throws IOException {
    members.start();
    leadership.start();
    metadata.start();
  }

  private @Nullable Address registeredAddress(int nodeId) {
    BrokerImage broker = image.leadership().broker(nodeId);
    return broker == null ? null : broker.peer();
  }

  /** What this node answers to its peers. May be asked from before the start. */
  public Map<PeerApi, PeerHandler> handlers() {
    FeedHandlers feeds = new FeedHandlers(List.of(leadership.feed(), metadata.feed()));
    ProposalHandler proposals =
        new ProposalHandler(
            List.of(
                new ProposalHandler.Target<>(leadership.rules(), leadership),
                new ProposalHandler.Target<>(metadata.rules(), metadata)),
            HostedGroup.COMMAND_BYTES_MAX);
    return Map.of(
        PeerApi.RAFT, members.raftHandler(),
        PeerApi.PROPOSE, proposals,
        PeerApi.POLL, feeds.poll(),
        PeerApi.SNAPSHOT, feeds.snapshot(),
        PeerApi.STATUS, reporter.handler(),
        PeerApi.VOTERS, voterChanges.handler());
  }

  @Override
  public ClusterImage image() {
    return image;
  }

  /** Up to where {@link #image} shows a group, at least. */
  public Position applied(GroupName group) {
    return group(group).replica().told();
  }

  /**
   * For how many milliseconds answers of a majority of the voters of {@code leadership} to this
   * node, which leads it, have been due; {@link Long#MAX_VALUE} where it does not lead.
   */
  public long majorityOverdueMs() {
    HostedGroup<?, ?, ?> member = leadership.member();
    return member == null ? Long.MAX_VALUE : member.majorityOverdueMs();
  }

  @Override
  public CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    return TooLarge.split(command, leadership.proposer()::propose);
  }

  /**
   * Asks the {@code leadership} group while this node leads it in this term, and gives up when it
   * does not: for what its leader has decided. Otherwise as {@link #propose(LeadershipCommand)}.
   */
  public CompletionStage<LeadershipResult> proposeHere(LeadershipCommand command, long term) {
    return TooLarge.split(command, part -> leadership.proposer().proposeHere(part, term));
  }

  @Override
  public CompletionStage<MetadataResult> propose(MetadataCommand command) {
    return TooLarge.refuse(metadata.proposer().propose(command));
  }

  private void leadershipChanged(LeadershipImage changed) {
    synchronized (changes) {
      publish(new ClusterImage(changed, image.metadata()));
    }
  }

  private void metadataChanged(MetadataImage changed) {
    synchronized (changes) {
      publish(new ClusterImage(image.leadership(), changed));
    }
  }

  private void publish(ClusterImage after) {
    ClusterImage before = image;
    if (isSame(before, after)) {
      return;
    }
    image = after;
    for (ImageListener listener : listeners) {
      listener.imageChanged(before, after);
    }
  }

  @SuppressWarnings("ReferenceEquality") // an entry of Raft's own leaves the very same image
  private static boolean isSame(ClusterImage before, ClusterImage after) {
    return before.leadership() == after.leadership() && before.metadata() == after.metadata();
  }

  @Override
  public void addListener(ImageListener listener) {
    synchronized (changes) {
      listeners.add(listener);
      listener.imageChanged(ClusterImage.EMPTY, image);
    }
  }

  /** Tells at once who leads a group, then of every change. */
  public void addRoleListener(GroupName group, RoleListener listener) {
    group(group).addRoleListener(listener);
  }

  @Override
  public int leaderId(GroupName group) {
    return group(group).role().leaderId();
  }

  /** Where the leader of a group is reached by its peers, or null where it is not known. */
  public @Nullable Address leaderAddress(GroupName group) {
    return group(group).view().leaderAddress();
  }

  /** Who votes, as far as this node knows; empty where it knows of nobody. */
  public List<Member> voters() {
    return leadership.view().voters();
  }

  /** Whether this node itself has a vote. */
  public boolean isVoter() {
    return leadership.votes();
  }

  /** There is evidence that the process of a voter is gone. */
  public void suspect(int nodeId) {
    members.suspect(nodeId);
  }

  /** What heartbeats tell of brokers where this node hears them: they are told of as observers. */
  public void setHeartbeats(Function<GroupName, List<GroupStatus.Member>> source) {
    reporter.setHeartbeats(source);
  }

  @Override
  public CompletionStage<GroupStatus> describe(GroupName group) {
    return reporter.describe(group);
  }

  @Override
  public CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change) {
    return voterChanges.change(change);
  }

  GroupNode<?, ?, ?> group(GroupName name) {
    return switch (name) {
      case LEADERSHIP -> leadership;
      case METADATA -> metadata;
    };
  }

  @Override
  public int nodeId() {
    return settings.self().nodeId();
  }

  @Override
  public UUID clusterId() {
    return members.clusterId();
  }

  @Override
  public void close() {
    leadership.close();
    metadata.close();
    voterThread.close();
    members.close();
    feedThread.close();
    encoderThread.close();
    timer.close();
  }
}
