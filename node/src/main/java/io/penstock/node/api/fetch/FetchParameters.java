package io.penstock.node.api.fetch;

import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.ReadLimit;
import org.apache.kafka.common.message.FetchRequestData;

/**
 * What a fetch says about all of its partitions together.
 *
 * @param replicaId the node that copies, or below zero: a consumer
 * @param brokerEpoch of the node that copies, or -1 where it does not say
 * @param rack where a consumer is, empty where it does not say
 * @param receivedMs when the request came, by a clock that never goes back
 */
record FetchParameters(
    short version,
    int replicaId,
    long brokerEpoch,
    long receivedMs,
    int maxWaitMs,
    int minBytes,
    int maxBytes,
    boolean committedTransactionsOnly,
    ReadLimit limit,
    boolean leaderOnly,
    String rack) {

  private static final int CONSUMER = -1;
  private static final byte READ_COMMITTED = 1;
  private static final short FIRST_WITH_REPLICA_STATE = 15;

  /** Since this version consumers may say where they are, and read from a follower (KIP-392). */
  private static final short FIRST_WITH_RACK = 11;

  static FetchParameters of(FetchRequestData request, short version, int nodeMaxBytes, long nowMs) {
    boolean hasState = version >= FIRST_WITH_REPLICA_STATE;
    int replicaId = hasState ? request.replicaState().replicaId() : request.replicaId();
    int maxBytes = Math.clamp(request.maxBytes(), 0, nodeMaxBytes);
    boolean consumer = replicaId == CONSUMER;
    return new FetchParameters(
        version,
        replicaId,
        hasState ? request.replicaState().replicaEpoch() : FollowerProgress.UNKNOWN_BROKER,
        nowMs,
        request.maxWaitMs(),
        Math.min(request.minBytes(), maxBytes),
        maxBytes,
        consumer && request.isolationLevel() == READ_COMMITTED,
        consumer ? ReadLimit.HIGH_WATERMARK : ReadLimit.LOG_END,
        !consumer || version < FIRST_WITH_RACK,
        consumer && version >= FIRST_WITH_RACK ? request.rackId() : "");
  }

  boolean isFollower() {
    return replicaId >= 0;
  }

  /** What the follower's asking for this says of it, in the role that was read under. */
  FollowerProgress progressTo(FetchItem item, FetchResult.Place place) {
    return new FollowerProgress(
        replicaId,
        brokerEpoch,
        place.role().leaderEpoch(),
        item.offset(),
        item.logStartOffset(),
        receivedMs);
  }
}
