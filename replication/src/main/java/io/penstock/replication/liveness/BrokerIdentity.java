package io.penstock.replication.liveness;

import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.Address;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a broker process registers as.
 *
 * @param process its node id and incarnation, as it introduces itself to peers
 * @param directoryId of the directory under which it could be given a vote
 * @param directories the ids of all its data directories
 * @param previousEpoch in the mark of its last clean stop, or -1
 */
public record BrokerIdentity(
    PeerCaller process,
    UUID directoryId,
    Address client,
    Address peer,
    @Nullable String rack,
    List<UUID> directories,
    long previousEpoch) {}
