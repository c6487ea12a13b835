package io.penstock.replication.raft;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who this node is in its groups.
 *
 * @param directory where logs and snapshots of the groups are kept; nothing else may be in it
 * @param directoryId drawn when the directory was made: a wiped disk is a new member of its groups
 * @param clusterId what the node's data directories say, or null before its first start
 * @param voters all members; this node alone makes a cluster by itself
 */
public record RaftSettings(
    int nodeId,
    Path directory,
    UUID directoryId,
    @Nullable UUID clusterId,
    List<Voter> voters,
    long proposalTimeoutMs) {

  /** How long a proposal may wait for a leader and for its entry to be applied. */
  public static final long PROPOSAL_TIMEOUT_MS = 30_000;

  public RaftSettings {
    voters = List.copyOf(voters);
  }

  /** A cluster of one voter, which needs no network. */
  public static RaftSettings single(
      int nodeId, Path directory, UUID directoryId, @Nullable UUID clusterId) {
    Voter self = new Voter(nodeId, directoryId, "127.0.0.1", 0);
    return new RaftSettings(
        nodeId, directory, directoryId, clusterId, List.of(self), PROPOSAL_TIMEOUT_MS);
  }

  /** A member of the groups and where it is reached by the others. */
  public record Voter(int nodeId, UUID directoryId, String host, int port) {

    /** Its name in Raft. */
    String peerName() {
      String hex = Long.toHexString(directoryId.getMostSignificantBits() >>> 32);
      return nodeId + "-" + "0".repeat(8 - hex.length()) + hex;
    }
  }

  boolean isAlone() {
    return voters.size() == 1;
  }

  Voter self() {
    for (Voter voter : voters) {
      if (voter.nodeId() == nodeId) {
        return voter;
      }
    }
    throw new IllegalArgumentException("node " + nodeId + " is not a voter");
  }
}
