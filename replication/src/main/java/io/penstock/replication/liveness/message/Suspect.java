package io.penstock.replication.liveness.message;

import java.util.UUID;

/**
 * The sender has lost its connection to a peer.
 *
 * @param incarnation the process that was at the other end
 */
public record Suspect(int brokerId, UUID incarnation) {}
