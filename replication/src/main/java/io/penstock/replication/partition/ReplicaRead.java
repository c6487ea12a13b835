package io.penstock.replication.partition;

import io.penstock.storage.log.LogSlice;

/** What a reader finds at a partition. */
public sealed interface ReplicaRead {

  /** Bytes to send. The slice comes with one reference, which the receiver releases. */
  record Records(LogSlice slice, long highWatermark, long logStartOffset) implements ReplicaRead {}

  /** The offset is right, but there is nothing to read from there yet. */
  record Nothing(long highWatermark, long logStartOffset) implements ReplicaRead {}

  /** The reader's log has parted from this one: the last epoch both may share ends here. */
  record Diverged(int epoch, long endOffset, long highWatermark, long logStartOffset)
      implements ReplicaRead {}

  record Refused(Refusal refusal) implements ReplicaRead {}
}
