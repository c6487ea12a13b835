/**
 * Who lives. On each broker a {@link io.penstock.replication.liveness.BrokerLifecycle} registers
 * it, sends heartbeats and takes it out in order; on the node that leads {@code leadership} a
 * {@link io.penstock.replication.liveness.BrokerMonitor} keeps the brokers' sessions, looks into
 * suspicions and proposes who is fenced and unfenced. What they decide by, {@code Sessions} and
 * {@code SuspicionRules}, has neither clock nor I/O; all of it runs on one {@link
 * io.penstock.replication.liveness.LivenessLoop}. Nothing here is needed for safety: commands carry
 * broker epochs, so whoever is wrong about who lives costs time and no data.
 */
@NullMarked
package io.penstock.replication.liveness;

import org.jspecify.annotations.NullMarked;
