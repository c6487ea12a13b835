/**
 * The classic protocol of consumer groups, as a pure state machine: no clock, no thread, no I/O, no
 * logging. {@link io.penstock.node.group.classic.ClassicGroup} is the state of one group and the
 * door to its rules: {@code Joining}, {@code Syncing}, {@code Leaving}, {@code MemberChecks},
 * {@code Expiry}, and {@code Rebalancing}, which all of them lead to. The shard that hosts the
 * group calls it on one thread at a time and carries out what comes back as {@link
 * io.penstock.node.group.effect.Effects}.
 *
 * <pre>
 *                      first member joins
 *         EMPTY ------------------------------> PREPARING_REBALANCE <--------------------+
 *           ^                                    |      ^                                |
 *           |   all have left                    |      | a member joins anew or changes,|
 *           +------------------------------------+      | leaves, expires or owes its    |
 *                                                |      | sync; the log failed           |
 *              all have joined, or time is over: |      |                                |
 *              generation + 1, others left behind|      |                                |
 *                                                v      |                                |
 *                                   COMPLETING_REBALANCE                                 |
 *                                                |                                       |
 *                the leader's assignments are    |         a member joins, leaves,       |
 *                committed: handed out           +--> STABLE --------------------------- +
 *                                                            expires, or the leader wants
 * </pre>
 *
 * <p>What is stored is one snapshot of the group: when the assignments of a generation are handed
 * out, when a static member comes back under a new id, and when the last member has gone. A group
 * that is restored is therefore stable or empty. If its coordinator was lost in the middle of a
 * rebalance, its members know a generation that the log does not, hear {@code ILLEGAL_GENERATION}
 * or {@code NOT_COORDINATOR}, and rejoin. {@code Dead}, Kafka's fifth state, is what a group is
 * called that is not there.
 *
 * <p>Everything that waits here is bounded: a member that joins, by the rebalance time-outs of the
 * others; a member that asks for its assignment, by the same, since who does not ask in that time
 * is taken out, leader or not; members without a sign of life, by their session.
 */
@NullMarked
package io.penstock.node.group.classic;

import org.jspecify.annotations.NullMarked;
