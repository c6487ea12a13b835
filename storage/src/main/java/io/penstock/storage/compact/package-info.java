/**
 * What compaction keeps of a log: {@link io.penstock.storage.compact.OffsetMap} remembers the last
 * offset of each key in bounded memory, {@link io.penstock.storage.compact.BatchCleaner} takes out
 * of a batch what was overwritten, {@link io.penstock.storage.compact.CleanedTransactions} knows
 * which transactions still have records, all by Kafka's rules. Neither segments nor threads: {@code
 * storage.log} reads and swaps segments, {@code storage.dir} decides which log is next. The bytes
 * of records pass through direct buffers of the cleaner's thread; compressed ones are unpacked by a
 * {@link io.penstock.storage.compact.BatchCodec}, for storage has no codecs.
 */
@NullMarked
package io.penstock.storage.compact;

import org.jspecify.annotations.NullMarked;
