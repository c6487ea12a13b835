package io.penstock.replication.partition;

/**
 * What a reader wants of a partition.
 *
 * @param currentLeaderEpoch the leader epoch that the reader believes in, -1 if it does not say
 * @param lastFetchedEpoch the epoch of the last record a follower has, -1 if it does not say
 * @param maxBytes at most so many bytes, but for the first batch, which is given whole
 * @param limit how far it may see
 * @param leaderOnly whether only the leader may answer
 */
public record ReadRequest(
    long offset,
    int currentLeaderEpoch,
    int lastFetchedEpoch,
    int maxBytes,
    ReadLimit limit,
    boolean leaderOnly,
    boolean atLeastOneBatch) {}
