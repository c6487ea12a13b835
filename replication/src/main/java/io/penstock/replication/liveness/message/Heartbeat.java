package io.penstock.replication.liveness.message;

import java.util.UUID;

/**
 * A registered broker lives.
 *
 * @param directoryId of the directory under which the node could be given a vote
 * @param wantsToServe whether it has seen itself fenced under this epoch and is ready to serve
 * @param contactAgoMs how long before this one it was in contact with the majority last, as {@link
 *     io.penstock.replication.liveness.BrokerLifecycle#lastContactMs} has it; no more than {@link
 *     #AGO_MS_MAX}
 */
public record Heartbeat(
    int brokerId,
    long brokerEpoch,
    UUID directoryId,
    boolean wantsToServe,
    AppliedPositions applied,
    int contactAgoMs) {

  /** A day: what is longer ago is as good as never. */
  public static final int AGO_MS_MAX = 24 * 60 * 60 * 1_000;
}
