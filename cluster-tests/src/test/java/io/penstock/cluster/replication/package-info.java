/**
 * Replicated topics under faults, a class for each kind of fault: a recorded workload ({@link
 * io.penstock.cluster.history.Workload}) goes on while it happens, and afterwards nothing that was
 * acknowledged is lost, doubled or in another order, and all replicas are the same. {@link
 * io.penstock.cluster.replication.Trial} is what they have in common. They assert nothing about
 * time; how long nothing was acknowledged is printed.
 */
@NullMarked
package io.penstock.cluster.replication;

import org.jspecify.annotations.NullMarked;
