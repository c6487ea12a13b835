package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.AppliedPositions;
import java.util.UUID;

/**
 * What a broker's heartbeats told the leader of {@code leadership}, at the moment it was asked for.
 *
 * @param contactAgoMs how long ago the last one came
 * @param leadershipCaughtUpAgoMs how long ago it last had applied all that the leader had, or -1
 * @param metadataCaughtUpAgoMs the same of the other group
 */
public record BrokerProgress(
    long brokerEpoch,
    UUID directoryId,
    AppliedPositions applied,
    long contactAgoMs,
    long leadershipCaughtUpAgoMs,
    long metadataCaughtUpAgoMs) {}
