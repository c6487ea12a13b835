/**
 * The consumer protocol of groups (KIP-848), as a pure state machine: no clock, no thread, no I/O,
 * no logging. {@link io.penstock.node.group.consumer.ConsumerGroup} is one group and the door to
 * its rules. {@link io.penstock.node.group.consumer.ConsumerState} is what it has written down; the
 * rules change that by records and by nothing else, so that a group that is read from the log is
 * the one that wrote it, and an event whose records the log does not take is taken back.
 *
 * <p>Everything happens in heartbeats, each answered by itself:
 *
 * <pre>
 *  a member joins, leaves, is not heard of, wants other topics; a topic changes
 *      └─► the group's epoch + 1 ─► the next heartbeat decides a target for that epoch
 *            └─► each member, in its own heartbeats, step by step (Reconciliation):
 *
 *                      has to give back                      nobody else has
 *        STABLE ──────────────────────────► UNREVOKED ──┐    any of it
 *          │  ▲                                         │ has given back
 *          │  └───────────────────────────┐             │
 *          │        others have some of it│             │
 *          └──────────────────────► UNRELEASED ◄────────┘ or STABLE, at the target's epoch
 * </pre>
 *
 * <p>A member keeps its epoch until it has given back what it was asked for, and may commit that
 * long; then the partitions are others'. Who does not give back in its rebalance time-out, or is
 * not heard of for a session, is taken out. A static member that leaves for now ({@code -2}) keeps
 * what it has until its session is over.
 */
@NullMarked
package io.penstock.node.group.consumer;

import org.jspecify.annotations.NullMarked;
