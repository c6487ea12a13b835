package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataRules;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * A control plane for tests: the real rules, applied at once on the calling thread, kept nowhere.
 * Listeners are told before {@code propose} returns. A test may say who leads, what is known of the
 * members, what becomes of changes of voters, and which proposals get lost.
 */
public final class InMemoryControlPlane implements ControlPlane {

  private static final UUID CLUSTER = new UUID(0x70656e73746f636bL, 1);

  /** What happens to a proposal. */
  public enum Fate {
    ANSWERED,
    /** It never reaches the group, which the proposer cannot know. */
    LOST,
    /** It is applied, but the proposer hears nothing of it. */
    UNANSWERED
  }

  private final int nodeId;
  private final Queue<Fate> fates = new ConcurrentLinkedQueue<>();
  private final Map<GroupName, Integer> leaders = new ConcurrentHashMap<>();
  private final Map<GroupName, GroupStatus> statuses = new ConcurrentHashMap<>();
  private final List<VoterChange> voterChanges = new CopyOnWriteArrayList<>();
  private volatile CompletionStage<VoterChange.Outcome> voterOutcome =
      CompletableFuture.completedFuture(VoterChange.Outcome.DONE);
  private final List<ImageListener> listeners = new ArrayList<>();
  private volatile ClusterImage image = ClusterImage.EMPTY;

  public InMemoryControlPlane(int nodeId) {
    this.nodeId = nodeId;
  }

  /** With these brokers registered and unfenced; the first one is this node. */
  public static InMemoryControlPlane withBrokers(int... brokerIds) {
    InMemoryControlPlane plane = new InMemoryControlPlane(brokerIds[0]);
    for (int id : brokerIds) {
      plane.addBroker(id, "127.0.0.1", 9092 + id);
    }
    return plane;
  }

  /** The process of a broker that this plane was given. */
  public static PeerCaller processOf(int id) {
    return new PeerCaller(id, new UUID(1, id));
  }

  /** Registers and unfences a broker; returns its epoch. */
  public long addBroker(int id, String host, int port) {
    LeadershipResult result =
        apply(
            new RegisterBroker(
                id,
                processOf(id).incarnation(),
                new Address(host, port),
                new Address(host, port + 1),
                null,
                -1));
    if (!(result instanceof BrokerResult registered) || !registered.error().isNone()) {
      throw new IllegalStateException("not registered: " + result);
    }
    LeadershipResult unfenced = apply(new UnfenceBroker(id, registered.brokerEpoch()));
    if (!(unfenced instanceof BrokerResult done) || !done.error().isNone()) {
      throw new IllegalStateException("not unfenced: " + unfenced);
    }
    return registered.brokerEpoch();
  }

  /** What happens to the next proposals, in order; those after them are answered. */
  public InMemoryControlPlane next(Fate... next) {
    fates.addAll(List.of(next));
    return this;
  }

  /** Who leads the group from now on, -1 for nobody; this node does until then. */
  public void setLeader(GroupName group, int leaderId) {
    leaders.put(group, leaderId);
  }

  /** What is known of a group's members from now on. */
  public void setStatus(GroupStatus status) {
    statuses.put(status.group(), status);
  }

  /** What becomes of changes of voters from now on. */
  public void setVoterOutcome(CompletionStage<VoterChange.Outcome> outcome) {
    voterOutcome = outcome;
  }

  /** The changes of voters that were asked for. */
  public List<VoterChange> voterChanges() {
    return List.copyOf(voterChanges);
  }

  /** As {@link #propose(LeadershipCommand)}, with the result at hand. */
  public synchronized LeadershipResult apply(LeadershipCommand command) {
    Applied<LeadershipImage, ?, LeadershipResult> applied =
        LeadershipRules.apply(image.leadership(), command);
    swap(new ClusterImage(applied.image(), image.metadata()));
    return applied.result();
  }

  /** As {@link #propose(MetadataCommand)}, with the result at hand. */
  public synchronized MetadataResult apply(MetadataCommand command) {
    Applied<MetadataImage, ?, MetadataResult> applied =
        MetadataRules.apply(image.metadata(), command);
    swap(new ClusterImage(image.leadership(), applied.image()));
    return applied.result();
  }

  private void swap(ClusterImage after) {
    ClusterImage before = image;
    image = after;
    for (ImageListener listener : listeners) {
      listener.imageChanged(before, after);
    }
  }

  @Override
  public ClusterImage image() {
    return image;
  }

  @Override
  public CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    return fate(() -> apply(command));
  }

  @Override
  public CompletionStage<MetadataResult> propose(MetadataCommand command) {
    return fate(() -> apply(command));
  }

  private <T> CompletionStage<T> fate(Supplier<T> command) {
    Fate fate = fates.poll();
    return switch (fate == null ? Fate.ANSWERED : fate) {
      case ANSWERED -> CompletableFuture.completedFuture(command.get());
      case LOST -> unavailable("lost");
      case UNANSWERED -> {
        var _ = command.get();
        yield unavailable("unanswered");
      }
    };
  }

  private static <T> CompletionStage<T> unavailable(String why) {
    return CompletableFuture.failedFuture(new ControlUnavailableException(why));
  }

  @Override
  public int leaderId(GroupName group) {
    return leaders.getOrDefault(group, nodeId);
  }

  @Override
  public CompletionStage<GroupStatus> describe(GroupName group) {
    if (leaderId(group) < 0) {
      return unavailable("no leader");
    }
    GroupStatus empty = new GroupStatus(group, leaderId(group), 1, 0, List.of(), List.of());
    return CompletableFuture.completedFuture(statuses.getOrDefault(group, empty));
  }

  @Override
  public CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change) {
    voterChanges.add(change);
    return voterOutcome;
  }

  @Override
  public synchronized void addListener(ImageListener listener) {
    listeners.add(listener);
    listener.imageChanged(ClusterImage.EMPTY, image);
  }

  @Override
  public int nodeId() {
    return nodeId;
  }

  @Override
  public UUID clusterId() {
    return CLUSTER;
  }

  @Override
  public void close() {}
}
