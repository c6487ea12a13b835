package io.penstock.storage.log;

import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStateView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The log of one partition. Whoever appends, truncates or changes its role holds the partition's
 * lock, so that there is one writer at a time; reads and background work need no lock, for they see
 * only published values, the end of the log last.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class PartitionLog implements AutoCloseable {

  /** Assigns offsets and the leader's epoch in the buffer and writes it to the active segment. */
  public AppendOutcome appendAsLeader(ByteBuffer records, int leaderEpoch, long nowMs)
      throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Writes batches as the leader sent them; a cut-off last batch is left out. */
  public AppendOutcome appendAsFollower(ByteBuffer records) throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Finds the bytes from the batch that holds {@code offset} on, below {@code limitOffset}. */
  public ReadOutcome read(long offset, int maxBytes, long limitOffset, boolean atLeastOneBatch)
      throws StorageException {
    throw new UnsupportedOperationException();
  }

  public LogId id() {
    throw new UnsupportedOperationException();
  }

  public long logStartOffset() {
    throw new UnsupportedOperationException();
  }

  public long logEndOffset() {
    throw new UnsupportedOperationException();
  }

  public long recoveryPoint() {
    throw new UnsupportedOperationException();
  }

  public long sizeBytes() {
    throw new UnsupportedOperationException();
  }

  public int segmentCount() {
    throw new UnsupportedOperationException();
  }

  /** The high watermark that was last recorded, or checkpointed before the log was opened. */
  public long recordedHighWatermark() {
    throw new UnsupportedOperationException();
  }

  /** Tells the log how far it is committed: what retention may delete and checkpoints write. */
  public void recordHighWatermark(long highWatermark) {
    throw new UnsupportedOperationException();
  }

  /** The first record below the limit whose timestamp is at least the one asked for. */
  public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long limitOffset)
      throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** The record with the largest timestamp. */
  public Optional<TimestampedOffset> maxTimestamp() throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Which epoch began where; read only. */
  public LeaderEpochHistory epochs() {
    throw new UnsupportedOperationException();
  }

  /** The epoch of the leader that wrote the offset, or -1. */
  public int leaderEpochAt(long offset) {
    throw new UnsupportedOperationException();
  }

  public void truncateTo(long offset) throws StorageException {
    throw new UnsupportedOperationException();
  }

  public void truncateFullyAndStartAt(long offset) throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Moves the log start offset forward; returns where it is now. */
  public long deleteRecordsBefore(long offset) throws StorageException {
    throw new UnsupportedOperationException();
  }

  public List<ProducerStateView> producers() {
    throw new UnsupportedOperationException();
  }

  /** Makes everything appended so far durable; blocks on the disk. */
  public void flush() throws StorageException {
    throw new UnsupportedOperationException();
  }

  /** Deletes old segments; returns how many. */
  public int applyRetention(long nowMs, long highWatermark) throws StorageException {
    throw new UnsupportedOperationException();
  }

  public void updateSettings(LogSettings settings) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws StorageException {
    throw new UnsupportedOperationException();
  }
}
