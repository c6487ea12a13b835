package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who this node is in its groups.
 *
 * @param self with the id of the directory, drawn when that was made: a wiped disk is a new member
 *     of its groups
 * @param directory where logs and snapshots of the groups are kept; nothing else may be in it
 * @param clusterId what the node's data directories say, or null before its first start
 * @param begin what to do where the directory holds nothing yet
 * @param electionTimeoutMs how long a leader may be silent, at least; up to twice as long by chance
 */
public record RaftSettings(
    Member self, Path directory, @Nullable UUID clusterId, Begin begin, long electionTimeoutMs) {

  /** Less elects spuriously on a busy host. */
  public static final long ELECTION_TIMEOUT_MS = 1_000;

  /** How the groups of an empty directory come about. What is on disk already is always opened. */
  public sealed interface Begin {

    /**
     * The groups begin with these voters, each of which says the same.
     *
     * @param clusterId of the new cluster; null draws one, which only a lone voter may
     */
    record NewGroups(@Nullable UUID clusterId, List<Member> voters) implements Begin {
      public NewGroups {
        voters = List.copyOf(voters);
      }
    }

    /** The groups exist, and this node waits until their leader adds it. */
    record ToBeAdded(UUID clusterId) implements Begin {}

    /** There must be something on disk. */
    record Found() implements Begin {}
  }

  /** A cluster of one voter, which needs no network. */
  public static RaftSettings single(
      int nodeId, Path directory, UUID directoryId, @Nullable UUID clusterId) {
    Member self = new Member(nodeId, directoryId, new Address("127.0.0.1", 0));
    return new RaftSettings(
        self, directory, clusterId, new Begin.NewGroups(null, List.of(self)), ELECTION_TIMEOUT_MS);
  }

  int nodeId() {
    return self.nodeId();
  }

  UUID directoryId() {
    return self.directoryId();
  }
}
