/**
 * Who is in sync with the partitions that this node leads. {@link
 * io.penstock.replication.isr.IsrKeeper} asks the {@code leadership} group for other ISRs: larger
 * ones when followers have caught up, smaller ones when they lag or are found to be gone. What an
 * ISR should be is arithmetic of {@code replication.partition}; here is when it is looked at, and
 * how it is asked for.
 */
@NullMarked
package io.penstock.replication.isr;

import org.jspecify.annotations.NullMarked;
