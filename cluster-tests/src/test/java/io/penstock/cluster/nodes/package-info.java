/**
 * Clusters of several nodes, each a process of the distribution with a {@code penstock.yaml} of its
 * own. {@link io.penstock.cluster.nodes.TestCluster} makes one, {@link
 * io.penstock.cluster.nodes.TestNode} has the faults of a node by name (kill, pause, wipe), {@link
 * io.penstock.cluster.nodes.PeerNetwork} those between nodes (cut, heal). {@link
 * io.penstock.cluster.nodes.NodeView} what one certain node knows.
 */
@NullMarked
package io.penstock.cluster.nodes;

import org.jspecify.annotations.NullMarked;
