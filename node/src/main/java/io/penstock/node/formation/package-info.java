/**
 * How a node comes to its cluster when it starts for the first time. {@link
 * io.penstock.node.formation.ClusterFormation} asks the others until {@code FormationRules}, which
 * has no clock and no network, know enough: the voters that a configuration names begin a cluster
 * by themselves, all with the same members and the same cluster id, in whatever order they are
 * started; a node that is none of them, or no longer, joins. A node that has been in a cluster does
 * not come here again.
 */
@NullMarked
package io.penstock.node.formation;

import org.jspecify.annotations.NullMarked;
