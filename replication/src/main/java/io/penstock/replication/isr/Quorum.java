package io.penstock.replication.isr;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the cluster has agreed on, and how it is asked, as one broker sees it. */
record Quorum(
    int nodeId,
    Supplier<ClusterImage> images,
    OwnRegistration own,
    Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose) {

  LeadershipImage image() {
    return images.get().leadership();
  }

  /** Whether this process may lead, and so ask for anything, as far as the image tells. */
  boolean isServing(LeadershipImage image) {
    BrokerImage broker = image.broker(nodeId);
    return broker != null && broker.epoch() == own.epoch() && !broker.fenced();
  }
}
