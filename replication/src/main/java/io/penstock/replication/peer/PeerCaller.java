package io.penstock.replication.peer;

import java.util.UUID;

/**
 * The node at the other end of a connection, as it introduced itself.
 *
 * @param incarnation its process
 */
public record PeerCaller(int nodeId, UUID incarnation) {}
