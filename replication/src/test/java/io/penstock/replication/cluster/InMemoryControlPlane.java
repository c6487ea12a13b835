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
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A control plane for tests: the real rules, applied at once on the calling thread, kept nowhere.
 * Listeners are told before {@code propose} returns.
 */
public final class InMemoryControlPlane implements ControlPlane {

  private static final UUID CLUSTER = new UUID(0x70656e73746f636bL, 1);

  private final int nodeId;
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

  /** Registers and unfences a broker; returns its epoch. */
  public long addBroker(int id, String host, int port) {
    LeadershipResult result =
        apply(
            new RegisterBroker(
                id,
                new UUID(1, id),
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
    return CompletableFuture.completedFuture(apply(command));
  }

  @Override
  public CompletionStage<MetadataResult> propose(MetadataCommand command) {
    return CompletableFuture.completedFuture(apply(command));
  }

  @Override
  public CompletionStage<GroupStatus> describe(GroupName group) {
    return CompletableFuture.completedFuture(
        new GroupStatus(group, nodeId, 1, 0, List.of(), List.of()));
  }

  @Override
  public CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change) {
    return CompletableFuture.completedFuture(VoterChange.Outcome.DONE);
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
