/**
 * Hosts Raft groups with Ratis, and is the only package that knows Ratis. It knows none of the
 * groups: a group is its {@link io.penstock.replication.value.GroupRules}.
 *
 * <p>{@link RaftHost} is one Ratis server with all groups of a node; {@link ControlGroup} is a
 * group as its users see it; {@link RatisStateMachine} applies committed commands; {@link
 * SnapshotFiles} keeps images on disk; {@link RaftMark} remembers what this directory was formatted
 * for, because Ratis would silently begin anew where it is gone.
 *
 * <p>Whatever goes wrong in the middle of applying a committed entry stops the process through
 * {@link FatalErrorHandler}: Ratis would only log a failed future, and this replica would go on
 * with another state than the others.
 */
@NullMarked
package io.penstock.replication.raft;

import org.jspecify.annotations.NullMarked;
