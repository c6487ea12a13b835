/**
 * How this node copies what others lead. Each leader node is asked for all partitions that are
 * followed there together, with one fetch under way at a time; what arrives is written as it is,
 * and the offset of the next fetch tells the leader how far this replica has come. {@code
 * ReplicaFollower} puts replicas on lanes, {@code LeaderLane} sends the fetches of one, {@code
 * Intake} does what answers ask for, and whether that is done is for the replica to say ({@code
 * FollowerSide}). {@link io.penstock.replication.follower.LeaderEndpoint} is the seam: below it are
 * sockets and Kafka's messages ({@code node.replica}), or a simulation.
 */
@NullMarked
package io.penstock.replication.follower;

import org.jspecify.annotations.NullMarked;
