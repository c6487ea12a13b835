/**
 * The log of one partition. {@link io.penstock.storage.log.PartitionLog} is the door: it appends
 * validated batches to the active segment, answers reads with slices of segment files, truncates,
 * and publishes its end last, so that readers need no lock. Making and preallocating the file of
 * the next segment, sealing the last one, fsync and unlinking run on the threads of {@link
 * io.penstock.storage.log.BackgroundWork}. What an append may do besides its one write: a roll
 * renames the file that was made ahead (or makes it, where the segment filled up faster than the
 * background came to it) and unlinks what an earlier segment of that name has left; the first index
 * entry of a segment makes and maps its two index files; the append after a failed one cuts off
 * what that has left; and a truncation forces what it leaves before it returns. Deliberately
 * absent: bytes of records on the heap, codecs, waiters (replication.partition has them), locks
 * around reads.
 */
@NullMarked
package io.penstock.storage.log;

import org.jspecify.annotations.NullMarked;
