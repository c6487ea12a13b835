package io.penstock.replication.isr;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the cluster has agreed on, and how it is asked, as one broker sees it.
 *
 * @param brokerEpoch of this process's registration, -1 while it has none
 */
record Quorum(
    int nodeId,
    Supplier<ClusterImage> images,
    LongSupplier brokerEpoch,
    Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose) {

  LeadershipImage image() {
    return images.get().leadership();
  }

  /** Whether this process may lead, and so ask for anything, as far as the image tells. */
  boolean isServing(LeadershipImage image) {
    BrokerImage own = image.broker(nodeId);
    return own != null && own.epoch() == brokerEpoch.getAsLong() && !own.fenced();
  }
}
