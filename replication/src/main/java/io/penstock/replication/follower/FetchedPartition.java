package io.penstock.replication.follower;

import io.penstock.storage.epoch.EpochEnd;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader answered of one partition.
 *
 * @param highWatermark of the leader, as it told the follower
 * @param logStartOffset of the leader
 * @param diverging where the follower's log parts from the leader's, or null where it does not
 * @param records whole batches and perhaps a piece of one more, in a direct buffer that lives as
 *     long as the answer; empty where there is nothing new
 */
public record FetchedPartition(
    ReplicaKey key,
    FetchProblem problem,
    long highWatermark,
    long logStartOffset,
    @Nullable EpochEnd diverging,
    ByteBuffer records) {}
