package io.penstock.replication.follower;

import io.penstock.replication.observer.Tasks;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What following needs of the node.
 *
 * @param brokerEpoch the epoch of this node's registration
 * @param endpoints the ways to the leaders
 * @param tasks the clock, and the thread that sends again what had to wait
 * @param blocking for what waits for the disk: cutting a log, starting it anew
 * @param random spreads repeated attempts; used under a lock
 */
public record FollowerServices(
    LongSupplier brokerEpoch,
    LeaderEndpoints endpoints,
    Tasks tasks,
    Executor blocking,
    RandomGenerator random) {}
