/**
 * {@code penstock dev --nodes N}: several nodes of one cluster as processes on this machine. {@link
 * io.penstock.node.dev.DevLayout} says who they are and writes their configurations, {@link
 * io.penstock.node.dev.DevCluster} runs them. A node of it is an ordinary {@code penstock server};
 * nothing in a node knows that it was started here, but that it stops when its standard input ends.
 */
@NullMarked
package io.penstock.node.dev;

import org.jspecify.annotations.NullMarked;
