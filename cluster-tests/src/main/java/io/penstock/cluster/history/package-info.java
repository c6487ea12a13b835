/**
 * A recorded workload and what has to be true of it afterwards. {@link
 * io.penstock.cluster.history.Workload} writes numbered records by many idempotent producers and
 * reads along; all of it goes to a {@link io.penstock.cluster.history.History}, together with the
 * faults that a test makes. {@link io.penstock.cluster.history.HistoryChecker} holds that against a
 * full read of every partition and against the files of every replica, which {@link
 * io.penstock.cluster.history.ReplicaLog} reads; {@link io.penstock.cluster.history.Gaps} says for
 * how long nothing was acknowledged. It knows kafka-clients and the format of the files alone, and
 * serves the tests and the programs of {@code bench}.
 */
@NullMarked
package io.penstock.cluster.history;

import org.jspecify.annotations.NullMarked;
