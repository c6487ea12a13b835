/**
 * How a node follows a group that it has no vote in. On each voter {@link
 * io.penstock.replication.observer.AppliedLog} keeps the commands that were applied last, and
 * {@link io.penstock.replication.observer.ObserverFeed} answers the long polls of observers from
 * it, or with a snapshot; on an observer {@link io.penstock.replication.observer.ObserverPoller}
 * asks one voter after another and applies the same rules. {@link
 * io.penstock.replication.observer.GroupReplica} is what either way fills, and what the node reads.
 *
 * <p>A voter answers only with what was applied, hence agreed on, so what any two of them say is
 * the same history; an observer checks index and term where it goes on, and never goes back. It
 * promised nothing to anybody, so it keeps nothing on disk. Knows neither which groups there are
 * nor Ratis.
 */
@NullMarked
package io.penstock.replication.observer;

import org.jspecify.annotations.NullMarked;
