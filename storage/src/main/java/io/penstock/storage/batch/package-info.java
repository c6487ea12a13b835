/**
 * Record batches of format v2 as bytes in a buffer. {@link io.penstock.storage.batch.RecordBatch}
 * reads and patches header fields where they lie; {@link io.penstock.storage.batch.BatchValidator}
 * is the border at which a producer's bytes are checked. The records inside a batch are decoded for
 * compacted logs only, by {@link io.penstock.storage.batch.RecordCursor}.
 */
@NullMarked
package io.penstock.storage.batch;

import org.jspecify.annotations.NullMarked;
