/**
 * How far groups are behind, in records and in time. The coordinator of a group asks the leaders of
 * the partitions that the group has committed offsets of: {@link
 * io.penstock.node.group.lag.LagWatch} does so from time to time, {@link
 * io.penstock.node.group.lag.ProgressHandler} answers in the node that leads, on threads of their
 * own, and {@link io.penstock.node.group.lag.LagMetrics} shows what was found last.
 *
 * <p><b>Why this way round.</b> A group's offsets are in one place, its coordinator, and its
 * partitions everywhere; so each lag is found and shown by exactly one node, a moved coordinator
 * takes it along, and nothing is stored. Leaders are asked only for the time of a record that they
 * were not asked for before: a group that stands still costs a few bytes each time, and no read.
 */
@NullMarked
package io.penstock.node.group.lag;

import org.jspecify.annotations.NullMarked;
