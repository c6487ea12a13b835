/**
 * The APIs about the cluster itself: what this node serves, which features are on, who decides
 * ({@code DescribeQuorum}, {@code AddRaftVoter}, {@code RemoveRaftVoter}), and brokers that are
 * gone for good. One handler each, as in {@link io.penstock.node.api.admin}.
 */
@NullMarked
package io.penstock.node.api.cluster;

import org.jspecify.annotations.NullMarked;
