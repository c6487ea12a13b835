package io.penstock.node;

import io.penstock.node.config.NodeConfig;
import io.penstock.node.formation.ClusterFormation;
import io.penstock.node.formation.Formation;
import io.penstock.node.formation.FormationException;
import io.penstock.replication.cluster.ControlSettings;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.proposal.ProposerSettings;
import io.penstock.replication.raft.RaftSettings;
import io.penstock.replication.raft.RaftSettings.Begin;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how this node takes part in its cluster: as its directories say, or, at its first
 * start, as the other nodes do. Blocks until that is clear; used by the thread that starts the
 * node.
 */
final class Membership {

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final NodeConfig config;
  private final DataIdentity identity;
  private final SelfIntroduction self;
  private final PeerNetwork network;

  Membership(NodeConfig config, DataIdentity identity, SelfIntroduction self, PeerNetwork network) {
    this.config = config;
    this.identity = identity;
    this.self = self;
    this.network = network;
  }

  /** Whether other nodes have to be asked, and to ask this one, before it is clear. */
  boolean asksOthers() {
    boolean alone = config.cluster().names(config.node().id()) && seeds().isEmpty();
    return !identity.isMember() && identity.clusterId() == null && !alone;
  }

  ControlSettings find() throws NodeStartException {
    UUID known = identity.clusterId();
    if (identity.isMember() || known != null) {
      if (!identity.isMember() && config.cluster().names(config.node().id())) {
        LOG.warn(
            "`cluster.voters` names this node, but its data directory has no vote. To give it one,"
                + " run: penstock cluster voters replace {}, or add {}",
            config.node().id(),
            config.node().id());
      }
      return settings(known, null);
    }
    return switch (formation()) {
      case Formation.Voter(UUID clusterId, List<Member> voters) -> {
        self.belongsTo(clusterId, () -> voters);
        yield settings(null, new Begin.NewGroups(clusterId, voters));
      }
      case Formation.Observer(UUID clusterId, List<Member> voters) -> {
        self.belongsTo(clusterId, () -> voters);
        yield settings(clusterId, null);
      }
    };
  }

  private Formation formation() throws NodeStartException {
    ClusterFormation formation = new ClusterFormation(network, self, self::agreesTo);
    try {
      return config.cluster().names(config.node().id())
          ? formation.form()
          : formation.join(seeds());
    } catch (FormationException e) {
      throw new NodeStartException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeStartException("interrupted while looking for the cluster", e);
    }
  }

  @SuppressWarnings("NullAway") // it does not see in class files that a nested type may be null
  private ControlSettings settings(@Nullable UUID clusterId, @Nullable Begin begin) {
    return new ControlSettings(
        self.member(),
        identity.controlDirectory(),
        clusterId,
        begin,
        seeds(),
        RaftSettings.ELECTION_TIMEOUT_MS,
        ProposerSettings.TIMEOUT_MS);
  }

  /** All nodes that the configuration names, but this one. */
  private List<Address> seeds() {
    List<Address> seeds = new ArrayList<>();
    for (NodeConfig.Voter voter : config.cluster().voters()) {
      if (voter.id() != config.node().id()) {
        seeds.add(Addresses.of(voter.address()));
      }
    }
    config.cluster().join().stream()
        .map(Addresses::of)
        .filter(address -> !seeds.contains(address))
        .forEach(seeds::add);
    return seeds;
  }
}
