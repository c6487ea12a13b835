/**
 * The log of one partition. {@link io.penstock.storage.log.PartitionLog} is the door: it appends
 * validated batches to the active segment, answers reads with slices of segment files, truncates,
 * and publishes its end last, so that readers need no lock. Everything that can block beyond the
 * one write of an append (creating and preallocating the next segment, sealing the last one, fsync,
 * unlinking) runs on the threads of {@link io.penstock.storage.log.BackgroundWork}. Deliberately
 * absent: bytes of records on the heap, codecs, waiters (replication.partition has them), locks
 * around reads.
 */
@NullMarked
package io.penstock.storage.log;

import org.jspecify.annotations.NullMarked;
