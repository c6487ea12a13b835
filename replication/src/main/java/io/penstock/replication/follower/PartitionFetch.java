package io.penstock.replication.follower;

/**
 * What a follower wants of one partition. Its offset acknowledges everything before it.
 *
 * @param leaderEpoch the epoch in which it follows; the leader must agree
 * @param fetchOffset the end of the follower's log
 * @param lastFetchedEpoch the epoch of its last record, by which the leader sees where the two logs
 *     part; -1 where it has none
 * @param logStartOffset where its log begins
 */
public record PartitionFetch(
    ReplicaKey key,
    int leaderEpoch,
    long fetchOffset,
    int lastFetchedEpoch,
    long logStartOffset,
    int maxBytes) {}
