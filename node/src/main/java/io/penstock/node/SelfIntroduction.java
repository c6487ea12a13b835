package io.penstock.node;

import io.penstock.node.config.NodeConfig;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.Introduction.Plan;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.Address;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process says of itself to its peers, which grows as the start goes on. Any thread may
 * ask; the thread that starts the node tells.
 */
final class SelfIntroduction implements Supplier<Introduction> {

  private final String clusterName;
  private final PeerCaller process;
  private final UUID directoryId;
  private final List<NamedVoter> named;
  private volatile Address address;
  private volatile @Nullable UUID clusterId;
  private volatile @Nullable UUID agreed;
  private volatile Supplier<List<Member>> voters = List::of;

  SelfIntroduction(NodeConfig config, DataIdentity identity, UUID incarnation) {
    this.clusterName = config.cluster().name();
    this.process = new PeerCaller(config.node().id(), incarnation);
    this.directoryId = identity.controlDirectoryId();
    this.clusterId = identity.clusterId();
    this.named =
        config.cluster().voters().stream()
            .map(voter -> new NamedVoter(voter.id(), Addresses.of(voter.address())))
            .toList();
    NodeConfig.Listener peer = config.peer();
    this.address = Addresses.of(peer.reachableAt(peer.address().port()));
  }

  @Override
  public Introduction get() {
    return new Introduction(
        clusterName,
        clusterId,
        process.nodeId(),
        directoryId,
        process.incarnation(),
        address,
        voters.get(),
        new Plan(named, agreed));
  }

  PeerCaller process() {
    return process;
  }

  Member member() {
    return new Member(process.nodeId(), directoryId, address);
  }

  /** The port is known. */
  void reachedAt(Address reached) {
    address = reached;
  }

  /** What all voters would begin, as far as this one has found them. */
  void agreesTo(@Nullable UUID cluster) {
    agreed = cluster;
  }

  /** The cluster is known, and who votes in it from one moment to the next. */
  void belongsTo(@Nullable UUID cluster, Supplier<List<Member>> known) {
    voters = known;
    clusterId = cluster;
  }
}
