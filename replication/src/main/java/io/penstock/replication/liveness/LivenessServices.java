package io.penstock.replication.liveness;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.liveness.message.AppliedPositions;
import io.penstock.replication.peer.PeerNetwork;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the parts of this package need of the node around them.
 *
 * @param image what this node has applied of {@code leadership}
 * @param applied how far; never ahead of what {@code image} gives afterwards
 * @param majorityOverdueMs for how many milliseconds answers of a majority of the voters to this
 *     node, which leads {@code leadership}, have been due; anything where it does not lead
 * @param propose completes when the local image shows the result, on any thread
 * @param proposeAsLeader as {@code propose}, for what a leader has decided
 */
public record LivenessServices(
    Supplier<LeadershipImage> image,
    Supplier<AppliedPositions> applied,
    LongSupplier majorityOverdueMs,
    Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose,
    AsLeader proposeAsLeader,
    PeerNetwork network,
    LivenessLoop loop) {

  /**
   * Proposes while this node leads {@code leadership} in this term, and gives up with it: what one
   * leader has decided about who lives means nothing under the next, be that the same node.
   */
  public interface AsLeader {
    CompletionStage<LeadershipResult> propose(LeadershipCommand command, long term);
  }
}
