package io.penstock.client;

import java.util.List;

/**
 * Where a partition lives now. Immutable.
 *
 * @param leader the node that leads it, -1 where none does
 * @param leaderEpoch -1 where the broker is too old to say
 * @param replicas the nodes that are meant to hold it, the preferred leader first
 * @param inSync the replicas that have all that was acknowledged by all
 */
public record PartitionDescription(
    int index, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> inSync) {}
