package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * This node's part in what the cluster agrees on. Any thread may call it; nothing here blocks but
 * {@code close}.
 */
public interface ControlPlane extends AutoCloseable {

  /** The newest image that this node has applied. */
  ClusterImage image();

  /**
   * Asks the {@code leadership} group. Completes after {@link #image} here shows the outcome and
   * the listeners were told; fails with {@link ControlUnavailableException} where it is not known
   * whether the command was or will be taken.
   */
  CompletionStage<LeadershipResult> propose(LeadershipCommand command);

  /** Asks the {@code metadata} group, on the same terms. */
  CompletionStage<MetadataResult> propose(MetadataCommand command);

  /**
   * Adds a listener. It is told at once, on this thread, of the change from the empty image to the
   * current one, then of every further change.
   */
  void addListener(ImageListener listener);

  /** Who leads a group, as far as this node knows; -1 where it knows of nobody. */
  int leaderId(GroupName group);

  /**
   * What the leader of a group knows of its members; asked of that leader where it is another node.
   * Fails with {@link ControlUnavailableException} where there is none.
   */
  CompletionStage<GroupStatus> describe(GroupName group);

  /**
   * Changes who votes, in both groups. Completes when both have agreed; what cannot be is a value.
   */
  CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change);

  int nodeId();

  UUID clusterId();

  @Override
  void close();
}
