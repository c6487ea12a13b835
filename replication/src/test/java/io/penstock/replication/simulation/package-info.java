/**
 * Whole replicas in one thread: brokers with their real logs, replicas, followers and ISR keepers,
 * a quorum that applies the real rules, producers and consumers, over a simulated network, clock
 * and disk. Everything that happens follows from a seed. {@code Simulation} is one schedule; {@code
 * Nemesis} says what goes wrong in it, {@code Checker} what must hold all the same.
 */
@NullMarked
package io.penstock.replication.simulation;

import org.jspecify.annotations.NullMarked;
