package io.penstock.replication.liveness.message;

import java.util.UUID;

/**
 * A registered broker lives.
 *
 * @param directoryId of the directory under which the node could be given a vote
 * @param wantsToServe whether it has seen itself fenced under this epoch and is ready to serve
 */
public record Heartbeat(
    int brokerId,
    long brokerEpoch,
    UUID directoryId,
    boolean wantsToServe,
    AppliedPositions applied) {}
