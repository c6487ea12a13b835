/**
 * The replicas that this node holds: {@code PartitionRegistry} finds them, {@code PartitionReplica}
 * appends, reads and changes its role, and what has to wait for data, for the high watermark or for
 * the disk hangs at its partition until {@link io.penstock.replication.partition.Wakeups} answers
 * it on the event loop it came from.
 */
@NullMarked
package io.penstock.replication.partition;

import org.jspecify.annotations.NullMarked;
