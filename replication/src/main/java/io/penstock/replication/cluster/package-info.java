/**
 * The cluster as a node sees it: {@link ClusterImage} (both groups' images) and {@link
 * ControlPlane}, through which everything that the cluster must agree on is asked for. Knows both
 * groups and how they are hosted; nothing above this package does.
 *
 * <p>{@link ClusterControlPlane} is the one of a real node: a {@link GroupNode} for each group,
 * whose members {@link LocalMembers} opens and closes as the node is given a vote and loses it;
 * {@link StatusReporter} asks all voters who follows; {@link VoterChanges} and {@link
 * VoterCoordinator} change who votes.
 */
@NullMarked
package io.penstock.replication.cluster;

import org.jspecify.annotations.NullMarked;
