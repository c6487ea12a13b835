/**
 * Sparse indexes beside a segment, in Kafka's formats: {@link
 * io.penstock.storage.index.OffsetIndex} finds the position of an offset, {@link
 * io.penstock.storage.index.TimeIndex} the offset of a time, {@link
 * io.penstock.storage.index.TransactionIndex} the aborted transactions. The index of an active
 * segment is mapped; that of a sealed one holds neither a mapping nor a descriptor and is read
 * through {@link io.penstock.storage.index.IndexCache}.
 */
@NullMarked
package io.penstock.storage.index;

import org.jspecify.annotations.NullMarked;
