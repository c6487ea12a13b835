package io.penstock.node.admin;

import io.penstock.node.group.GroupViews;
import io.penstock.node.group.lag.LagTable;
import io.penstock.replication.cluster.ClusterImage;
import java.util.function.Supplier;

/**
 * What is known of groups on a broker.
 *
 * @param lags what was found when lags were last looked at
 * @param image what the cluster agrees on, which says where another node is reached
 */
public record GroupSources(
    GroupViews views, Supplier<LagTable> lags, Supplier<ClusterImage> image) {}
