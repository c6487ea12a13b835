package io.penstock.replication.liveness.message;

import java.util.UUID;

/**
 * A registered broker lives.
 *
 * @param directoryId of the directory under which the node could be given a vote
 * @param wantsToServe whether it has seen itself fenced under this epoch and is ready to serve
 * @param answeredAgoMs how long before this one it sent the request whose answer it heard last, no
 *     more than {@link #ANSWERED_AGO_MS_MAX}
 */
public record Heartbeat(
    int brokerId,
    long brokerEpoch,
    UUID directoryId,
    boolean wantsToServe,
    AppliedPositions applied,
    int answeredAgoMs) {

  /** A day: what is longer ago is as good as never. */
  public static final int ANSWERED_AGO_MS_MAX = 24 * 60 * 60 * 1_000;
}
