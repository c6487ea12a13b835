package io.penstock.replication.cluster;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.proposal.ProposerSettings;
import io.penstock.replication.raft.RaftSettings;
import io.penstock.replication.value.Address;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a node's part of the control plane has to know before its start.
 *
 * @param self this node, the id of its Raft directory, and where its peers reach it
 * @param directory where the groups are kept once this node has a vote
 * @param clusterId what the node's data directories say, or null before its first start
 * @param begin how the groups begin; null for an observer, unless the directory says that it has
 *     been given a vote
 * @param seeds where to ask for the voters: addresses of any nodes
 */
public record ControlSettings(
    Member self,
    Path directory,
    @Nullable UUID clusterId,
    RaftSettings.@Nullable Begin begin,
    List<Address> seeds,
    long electionTimeoutMs,
    long proposalTimeoutMs) {

  public ControlSettings {
    seeds = List.copyOf(seeds);
  }

  /** A cluster of one voter, which needs no network. */
  public static ControlSettings single(
      int nodeId, Path directory, UUID directoryId, @Nullable UUID clusterId) {
    return single(
        new Member(nodeId, directoryId, new Address("127.0.0.1", 0)), directory, clusterId);
  }

  /** A cluster of one voter, at an address where others may find it. */
  public static ControlSettings single(Member self, Path directory, @Nullable UUID clusterId) {
    return new ControlSettings(
        self,
        directory,
        clusterId,
        new RaftSettings.Begin.NewGroups(null, List.of(self)),
        List.of(),
        RaftSettings.ELECTION_TIMEOUT_MS,
        ProposerSettings.TIMEOUT_MS);
  }

  RaftSettings raft(RaftSettings.Begin how) {
    return new RaftSettings(self, directory, clusterId, how, electionTimeoutMs);
  }
}
