/**
 * The cluster as a node sees it: {@link ClusterImage} (both groups' images) and {@link
 * ControlPlane}, through which everything that the cluster must agree on is asked for. Knows both
 * groups and how they are hosted; nothing above this package does.
 */
@NullMarked
package io.penstock.replication.cluster;

import org.jspecify.annotations.NullMarked;
