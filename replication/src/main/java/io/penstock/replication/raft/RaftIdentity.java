package io.penstock.replication.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Whose a Raft directory is, for those who have to agree with it before it is opened.
 *
 * @param member false where it was taken out of its groups: its node is an observer
 */
public record RaftIdentity(UUID clusterId, int nodeId, UUID directoryId, boolean member) {

  /** What the directory's mark says; empty where there is no mark. */
  public static Optional<RaftIdentity> read(Path directory) throws IOException {
    RaftMark mark = RaftMark.read(directory);
    return mark == null
        ? Optional.empty()
        : Optional.of(
            new RaftIdentity(
                mark.clusterId(),
                mark.nodeId(),
                mark.directoryId(),
                mark.state() != RaftMark.State.REMOVED));
  }
}
