package io.penstock.node.group.lag;

import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSlice;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far partitions have come that this node leads. The time of a record is that of its
 * batch: the first record of the batch that it is in, or the time the leader appended that. Only
 * the header of the batch is read, so a question costs the same however large a batch is. May wait
 * for a disk, hence not for event loops.
 */
final class ProgressReader {

  private static final Logger LOG = LoggerFactory.getLogger(ProgressReader.class);
  private static final int ANY_EPOCH = -1;
  private static final long NO_TIME = -1;

  private final PartitionRegistry partitions;

  ProgressReader(PartitionRegistry partitions) {
    this.partitions = partitions;
  }

  Progress read(Progress.Question question) {
    PartitionReplica replica = partitions.find(question.topicId(), question.partition());
    if (replica == null
        || replica.check(ANY_EPOCH, true) != null
        || replica.committedEndUnknown()) {
      return Progress.UNKNOWN;
    }
    Progress progress =
        new Progress(
            replica.logStartOffset(), replica.endOffset(ReadLimit.HIGH_WATERMARK), NO_TIME);
    if (!question.withTime() || progress.recordsBehind(question.offset()) == 0) {
      return progress;
    }
    try {
      long timeMs = timeOf(replica, progress.firstUnread(question.offset()));
      return new Progress(progress.start(), progress.end(), timeMs);
    } catch (StorageException failure) {
      LOG.debug("The time of a record cannot be read: partition={}", replica.id(), failure);
      return progress;
    }
  }

  private static long timeOf(PartitionReplica replica, long offset) throws StorageException {
    ReadRequest request =
        new ReadRequest(
            offset, ANY_EPOCH, -1, RecordBatch.HEADER_BYTES, ReadLimit.HIGH_WATERMARK, true, true);
    return switch (replica.read(request)) {
      case ReplicaRead.Records(LogSlice slice, _, _) -> {
        try {
          yield timeOf(slice);
        } finally {
          slice.release();
        }
      }
      case ReplicaRead.Nothing _, ReplicaRead.Diverged _, ReplicaRead.Refused _ -> NO_TIME;
    };
  }

  private static long timeOf(LogSlice slice) throws StorageException {
    ByteBuffer header = ByteBuffer.allocate(RecordBatch.HEADER_BYTES);
    slice.file().read(header, slice.position());
    if (header.hasRemaining()) {
      return NO_TIME;
    }
    boolean baseIsTime =
        !RecordBatch.isLogAppendTime(header, 0) && !RecordBatch.hasDeleteHorizon(header, 0);
    long baseMs = RecordBatch.baseTimestamp(header, 0);
    return baseIsTime && baseMs >= 0
        ? baseMs
        : Math.max(NO_TIME, RecordBatch.largestTimestamp(header, 0));
  }
}
