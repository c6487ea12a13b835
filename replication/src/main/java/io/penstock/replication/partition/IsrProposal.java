package io.penstock.replication.partition;

import io.penstock.replication.value.NodeIds;

/**
 * Another ISR that a leader asks for. From the moment it exists it counts: the high watermark waits
 * for its members too, until the partition has another epoch.
 *
 * @param current the ISR that the partition has under these epochs
 * @param wanted the one asked for, the leader itself among it; the same as the current one where
 *     only what was asked for before, with an outcome that nobody knows, is to be ruled out
 */
public record IsrProposal(int leaderEpoch, int partitionEpoch, NodeIds current, NodeIds wanted) {}
