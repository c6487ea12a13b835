package io.penstock.replication.cluster;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.raft.FatalErrorHandler;
import io.penstock.replication.raft.RaftHost;
import io.penstock.replication.raft.RaftSettings;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.ControlUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The control plane of a voter: both groups on one Raft server. Each group applies on a thread of
 * its own; here their images are joined and listeners told, one at a time, under one lock that is
 * held for nothing else.
 */
public final class RatisControlPlane implements ControlPlane {

  private final int nodeId;
  private final RaftHost host;
  private final LocalGroup<LeadershipImage, LeadershipCommand, LeadershipResult> leadership;
  private final LocalGroup<MetadataImage, MetadataCommand, MetadataResult> metadata;
  private final Object changes = new Object();
  private final List<ImageListener> listeners = new ArrayList<>();
  private volatile ClusterImage image = ClusterImage.EMPTY;

  /** Acquires nothing yet; see {@link #start}. */
  public RatisControlPlane(RaftSettings settings, MetricRegistry metrics, FatalErrorHandler fatal) {
    this.nodeId = settings.self().nodeId();
    this.host = new RaftHost(settings, RatisControlPlane::nobody, metrics, fatal);
    LeadershipGroupRules leadershipRules = new LeadershipGroupRules();
    MetadataGroupRules metadataRules = new MetadataGroupRules();
    this.leadership =
        new LocalGroup<>(
            leadershipRules,
            host.addGroup("leadership", leadershipRules, (_, i) -> leadershipChanged(i)));
    this.metadata =
        new LocalGroup<>(
            metadataRules, host.addGroup("metadata", metadataRules, (_, i) -> metadataChanged(i)));
  }

  private static CompletionStage<byte[]> nobody(
      Address to, PeerApi api, byte[] body, long timeoutMs) {
    return CompletableFuture.failedFuture(
        new PeerException(PeerException.Kind.UNREACHABLE, "one voter stays alone"));
  }

  /**
   * Opens both groups. A lone voter takes proposals when this returns, and its image shows all that
   * it had agreed on before.
   *
   * @throws IOException with a remedy, where the Raft directory is not what it should be
   */
  public void start() throws IOException {
    host.start();
  }

  @Override
  public ClusterImage image() {
    return image;
  }

  @Override
  public CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    CompletionStage<LeadershipResult> result = leadership.propose(command);
    return result.exceptionallyCompose(failure -> tooLarge(command, failure));
  }

  @Override
  public CompletionStage<MetadataResult> propose(MetadataCommand command) {
    CompletionStage<MetadataResult> result = metadata.propose(command);
    return result.exceptionallyCompose(failure ->
        cause(failure) instanceof CommandTooLargeException tooLarge
            ? CompletableFuture.completedFuture(
                new MetadataResult.Refused(ControlError.LIMIT_EXCEEDED, message(tooLarge)))
            : CompletableFuture.failedFuture(cause(failure)));
  }

  /** Topics are created each for itself, so a list that is too long for one entry takes several. */
  private CompletionStage<LeadershipResult> tooLarge(LeadershipCommand command, Throwable failure) {
    if (!(cause(failure) instanceof CommandTooLargeException tooLarge)) {
      return CompletableFuture.failedFuture(cause(failure));
    }
    if (command instanceof CreateTopics(List<NewTopic> topics) && topics.size() > 1) {
      int half = topics.size() / 2;
      return propose(new CreateTopics(topics.subList(0, half)))
          .thenCombine(propose(new CreateTopics(topics.subList(half, topics.size()))), this::join);
    }
    LeadershipResult refused =
        command instanceof CreateTopics(List<NewTopic> topics)
            ? refused(topics, message(tooLarge))
            : new LeadershipResult.Refused(ControlError.LIMIT_EXCEEDED, message(tooLarge));
    return CompletableFuture.completedFuture(refused);
  }

  private LeadershipResult join(LeadershipResult first, LeadershipResult second) {
    if (first instanceof TopicsResult(List<TopicOutcome> some)
        && second instanceof TopicsResult(List<TopicOutcome> more)) {
      List<TopicOutcome> all = new ArrayList<>(some);
      all.addAll(more);
      return new TopicsResult(all);
    }
    throw new IllegalStateException("creating topics made " + first + " and " + second);
  }

  private static LeadershipResult refused(List<NewTopic> topics, String message) {
    return new TopicsResult(
        topics.stream()
            .map(t -> new TopicOutcome(t.name(), t.id(), ControlError.LIMIT_EXCEEDED, message))
            .toList());
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
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
    image = after;
    for (ImageListener listener : listeners) {
      listener.imageChanged(before, after);
    }
  }

  @Override
  public void addListener(ImageListener listener) {
    synchronized (changes) {
      listeners.add(listener);
      listener.imageChanged(ClusterImage.EMPTY, image);
    }
  }

  /** The only voter. */
  @Override
  public int leaderId(GroupName group) {
    return nodeId;
  }

  @Override
  public CompletionStage<GroupStatus> describe(GroupName group) {
    return CompletableFuture.failedFuture(new ControlUnavailableException("not known"));
  }

  @Override
  public CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change) {
    return CompletableFuture.failedFuture(new ControlUnavailableException("one voter stays alone"));
  }

  @Override
  public int nodeId() {
    return nodeId;
  }

  @Override
  public UUID clusterId() {
    return host.clusterId();
  }

  @Override
  public void close() {
    host.close();
  }
}
