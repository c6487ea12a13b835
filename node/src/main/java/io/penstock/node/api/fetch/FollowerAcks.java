package io.penstock.node.api.fetch;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.Wakeups;
import org.apache.kafka.common.protocol.Errors;

/**
 * What a follower asks for is what it has: its offsets are its acknowledgements, once they were
 * found to fit the leader's log. Of one fetch, on its loop.
 */
record FollowerAcks(FetchParameters parameters, PartitionLookup partitions, Wakeups wakeups) {

  /**
   * Takes note of one, in the role in which the partition was found.
   *
   * @return what to answer in place of records, or {@link Errors#NONE}
   */
  Errors take(FetchItem item, FetchResult.Place place) {
    if (isOfFormerProcess()) {
      return Errors.NOT_LEADER_OR_FOLLOWER; // as Kafka calls it (KIP-903)
    }
    Refusal refusal = place.replica().followerFetched(parameters.progressTo(item, place), wakeups);
    if (refusal == null) {
      return Errors.NONE;
    }
    // A replica that is not one yet asks again when it has a newer image, or this node has.
    return refusal == Refusal.UNKNOWN_REPLICA && item.currentLeaderEpoch() < 0
        ? Errors.NOT_LEADER_OR_FOLLOWER
        : ApiErrors.of(refusal);
  }

  /** Whether the broker has registered anew since this was sent. */
  private boolean isOfFormerProcess() {
    if (parameters.brokerEpoch() == FollowerProgress.UNKNOWN_BROKER) {
      return false;
    }
    BrokerImage broker = partitions.image().leadership().broker(parameters.replicaId());
    return broker != null && !broker.fenced() && broker.epoch() > parameters.brokerEpoch();
  }
}
