package io.penstock.node.api.fetch;

import org.apache.kafka.common.message.FetchRequestData.FetchPartition;

/**
 * What a fetch wants of one partition; -1 where it does not say. Immutable.
 *
 * @param logStartOffset where the log of a follower begins
 */
record FetchItem(
    PartitionKey key,
    long offset,
    int maxBytes,
    int currentLeaderEpoch,
    int lastFetchedEpoch,
    long logStartOffset) {

  static FetchItem of(PartitionKey key, FetchPartition partition) {
    return new FetchItem(
        key,
        partition.fetchOffset(),
        Math.max(0, partition.partitionMaxBytes()),
        partition.currentLeaderEpoch(),
        partition.lastFetchedEpoch(),
        partition.logStartOffset());
  }
}
