package io.penstock.node.group;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.KeyedRecord;
import io.penstock.node.api.ApiErrors;
import io.penstock.replication.partition.AckWaiter;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The partition of a shard in the one leader epoch in which the shard has read it: in any other
 * epoch nothing is appended, for somebody else may have written there meanwhile.
 */
final class ShardLog {

  /** What an append came to. */
  sealed interface Appended {

    /** It is in the log, and committed when the watermark has passed this offset. */
    record At(long lastOffset) implements Appended {}

    record Failed(Errors error) implements Appended {}
  }

  private final PartitionReplica replica;
  private final int leaderEpoch;
  private final BooleanSupplier cutOff;
  private final LongSupplier wallClock;
  private final BatchBuffer batches;
  private final Wakeups wakeups = new Wakeups();

  /**
   * Of a replica that leads.
   *
   * @param cutOff whether this node has heard nothing from the quorum for a session, so that others
   *     may lead what it believes to lead
   * @param batches of the shard's thread
   */
  ShardLog(
      PartitionReplica replica,
      int leaderEpoch,
      BooleanSupplier cutOff,
      LongSupplier wallClock,
      BatchBuffer batches) {
    this.replica = replica;
    this.leaderEpoch = leaderEpoch;
    this.cutOff = cutOff;
    this.wallClock = wallClock;
    this.batches = batches;
  }

  @SuppressWarnings("ReferenceEquality") // a replica is itself alone
  boolean isOf(PartitionReplica other) {
    return replica == other;
  }

  LogId id() {
    return replica.id();
  }

  int leaderEpoch() {
    return leaderEpoch;
  }

  boolean leads() {
    return isInItsEpoch() && !cutOff.getAsBoolean();
  }

  private boolean isInItsEpoch() {
    return replica.role() instanceof ReplicaRole.Leader(int epoch) && epoch == leaderEpoch;
  }

  long startOffset() {
    return replica.logStartOffset();
  }

  long endOffset() {
    return replica.logEndOffset();
  }

  /**
   * Reads batches from an offset on: so many bytes, but at least one batch, however large. Blocks
   * on the disk.
   *
   * @return what was read, in the buffer
   */
  ByteBuffer read(long offset, int bytesMax, BatchBuffer into)
      throws StorageException, NotLeaderException {
    ReadRequest request =
        new ReadRequest(offset, leaderEpoch, -1, bytesMax, ReadLimit.LOG_END, true, true);
    return switch (replica.read(request)) {
      case ReplicaRead.Records(LogSlice slice, _, _) -> {
        try {
          yield fill(slice, into);
        } finally {
          slice.release();
        }
      }
      case ReplicaRead.Refused(Refusal refusal) -> throw new NotLeaderException(refusal.toString());
      case ReplicaRead.Nothing _, ReplicaRead.Diverged _ ->
          throw new NotLeaderException("nothing to read at " + offset);
    };
  }

  private static ByteBuffer fill(LogSlice slice, BatchBuffer into) throws StorageException {
    ByteBuffer target = into.room(slice.size()).limit(slice.size());
    long position = slice.position();
    while (target.hasRemaining()) {
      int read = slice.file().read(target, position);
      if (read < 0) {
        break;
      }
      position += read;
    }
    return target.flip();
  }

  /** The shard is not to be read here and now: another node leads, or the log has gone. */
  static final class NotLeaderException extends Exception {
    private static final long serialVersionUID = 1L;

    NotLeaderException(String message) {
      super(message, null, false, false);
    }
  }

  /** Appends one batch, if enough replicas are in sync. On the shard's thread. */
  Appended append(List<KeyedRecord> records) {
    if (!leads()) {
      return new Appended.Failed(Errors.NOT_COORDINATOR);
    }
    long nowMs = wallClock.getAsLong();
    // The log has taken all of it when the append returns.
    ByteBuffer room = batches.room(KeyedBatches.sizeBytesMax(records));
    ByteBuffer batch = KeyedBatches.write(room, records, nowMs);
    ReplicaAppend appended =
        replica.append(batch, PartitionReplica.ACKS_ALL, leaderEpoch, nowMs, wakeups);
    wakeups.run();
    return switch (appended) {
      case ReplicaAppend.Refused(Refusal refusal, _) -> new Appended.Failed(errorOf(refusal));
      case ReplicaAppend.Answered(AppendOutcome outcome, _) ->
          switch (outcome) {
            case AppendOutcome.Appended done -> new Appended.At(done.lastOffset());
            case AppendOutcome.Duplicate done -> new Appended.At(done.lastOffset());
            case AppendOutcome.Rejected(var error, _) -> new Appended.Failed(ApiErrors.of(error));
          };
    };
  }

  /**
   * Whether everything up to this offset is committed. The watermark is looked at first: it is of
   * this epoch where the replica is still in it afterwards; in a later one, the offset may have
   * become another leader's.
   */
  boolean isCommitted(long lastOffset) {
    return replica.mayAcknowledge(PartitionReplica.ACKS_ALL, lastOffset) && isInItsEpoch();
  }

  /** How an append ended whose waiter was settled so at this moment; see {@link #isCommitted}. */
  Errors outcomeOf(@Nullable Refusal settled) {
    if (settled != null) {
      return errorOf(settled);
    }
    return isInItsEpoch() ? Errors.NONE : Errors.NOT_COORDINATOR;
  }

  /** Has the waiter run when everything up to this offset is committed, or may never be. */
  void await(long lastOffset, AckWaiter waiter) {
    if (replica.awaitAck(PartitionReplica.ACKS_ALL, lastOffset, leaderEpoch, waiter) == null) {
      waiter.home().execute(waiter);
    }
  }

  /** What clients of the coordinator are told; both make them ask again. */
  private static Errors errorOf(Refusal refusal) {
    return switch (refusal) {
      case NOT_LEADER,
          FENCED_LEADER_EPOCH,
          UNKNOWN_LEADER_EPOCH,
          UNKNOWN_REPLICA,
          STORAGE_FAILED,
          OFFSET_OUT_OF_RANGE,
          FORBIDDEN_BY_SETTINGS ->
          Errors.NOT_COORDINATOR;
      case NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND ->
          Errors.COORDINATOR_NOT_AVAILABLE;
    };
  }
}
