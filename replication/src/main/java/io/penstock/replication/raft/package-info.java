/**
 * Hosts Raft groups with Ratis, and is the only package that knows Ratis. It knows none of the
 * groups: a group is its {@link io.penstock.replication.value.GroupRules}.
 *
 * <p>{@link RaftHost} is one Ratis server with all groups of a node; {@link HostedGroup} is a group
 * as its users see it; {@link RatisStateMachine} applies committed commands; {@link SnapshotFiles}
 * keeps images on disk; {@link RaftMark} remembers what this directory was formatted for, because
 * Ratis would silently begin anew where it is gone.
 *
 * <p>Members talk by {@link PeerTransport}, over the peer protocol of the nodes; {@link
 * PeerLogAppender} is how a leader's log gets to a follower; {@link Elections} replace a leader
 * whose process is known to be gone without waiting for a timer; {@link GroupVoters} changes who
 * votes.
 *
 * <p><b>Threads.</b> Commands are applied, and images told of, on one thread of Ratis for each
 * group. Roles, removals, elections by evidence and the watch over the groups belong to the timer
 * of the host. Requests of other members are served on four threads of the transport, since Ratis
 * blocks where network threads must not.
 *
 * <p>Whatever goes wrong in the middle of applying a committed entry stops the process through
 * {@link FatalErrorHandler}: Ratis would only log a failed future, and this replica would go on
 * with another state than the others.
 */
@NullMarked
package io.penstock.replication.raft;

import org.jspecify.annotations.NullMarked;
