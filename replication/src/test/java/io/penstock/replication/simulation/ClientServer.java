package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.partition.AckWaiter;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendError;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a broker answers its clients, as the node's handlers do it. */
final class ClientServer {

  /** What became of a batch that was produced. */
  sealed interface Produced {
    record Stored(long baseOffset, int leaderEpoch) implements Produced {}

    record Refused(Refusal refusal) implements Produced {}

    record Rejected(AppendError error) implements Produced {}
  }

  /** What a consumer is given. */
  sealed interface Consumed {
    record Batches(List<BatchInfo> batches, long highWatermark, long logStart)
        implements Consumed {}

    record Refused(Refusal refusal, long logStart) implements Consumed {}
  }

  private static final int CONSUMER_BYTES_MAX = 8 << 10;

  private final SimProcess process;
  private final SimReplicas replicas;
  private final WakeTarget home;
  private final Wakeups wakeups;

  ClientServer(SimProcess process, SimReplicas replicas, WakeTarget home, Wakeups wakeups) {
    this.process = process;
    this.replicas = replicas;
    this.home = home;
    this.wakeups = wakeups;
  }

  void produce(ReplicaKey key, ByteBuffer batch, int acks, Consumer<Produced> reply) {
    PartitionReplica replica = replicas.find(key);
    if (replica == null) {
      reply.accept(new Produced.Refused(Refusal.NOT_LEADER));
      return;
    }
    switch (replica.append(batch, acks, process.nowMs(), wakeups)) {
      case ReplicaAppend.Refused(Refusal refusal, _) -> reply.accept(new Produced.Refused(refusal));
      case ReplicaAppend.Answered(AppendOutcome outcome, int epoch) -> {
        switch (outcome) {
          case AppendOutcome.Appended(long first, long last, _, _) ->
              awaitAck(replica, acks, first, last, epoch, reply);
          case AppendOutcome.Duplicate(long first, long last, _, _) ->
              awaitAck(replica, acks, first, last, epoch, reply);
          case AppendOutcome.Rejected(AppendError error, _) ->
              reply.accept(new Produced.Rejected(error));
        }
      }
    }
    wakeups.run();
  }

  private void awaitAck(
      PartitionReplica replica,
      int acks,
      long first,
      long last,
      int epoch,
      Consumer<Produced> reply) {
    Ack ack = new Ack(first, epoch, reply);
    if (replica.awaitAck(acks, last, epoch, ack) == null) {
      ack.run();
    }
  }

  /** A producer's answer that waits until it may leave. */
  private final class Ack implements AckWaiter {
    private final long baseOffset;
    private final int epoch;
    private final Consumer<Produced> reply;
    private @Nullable Refusal refusal;
    private int settled;

    Ack(long baseOffset, int epoch, Consumer<Produced> reply) {
      this.baseOffset = baseOffset;
      this.epoch = epoch;
      this.reply = reply;
    }

    @Override
    public WakeTarget home() {
      return home;
    }

    @Override
    public void settle(@Nullable Refusal outcome) {
      settled++;
      refusal = outcome;
    }

    @Override
    public void run() {
      if (settled != 1) {
        throw new AssertionError("an ack was settled " + settled + " times");
      }
      reply.accept(
          refusal == null ? new Produced.Stored(baseOffset, epoch) : new Produced.Refused(refusal));
    }
  }

  void consume(
      ReplicaKey key, long offset, int leaderEpoch, boolean leaderOnly, Consumer<Consumed> reply) {
    PartitionReplica replica = replicas.find(key);
    if (replica == null) {
      reply.accept(new Consumed.Refused(Refusal.NOT_LEADER, 0));
      return;
    }
    long start = replica.logStartOffset();
    ReadRequest request =
        new ReadRequest(
            offset,
            leaderEpoch,
            -1,
            CONSUMER_BYTES_MAX,
            ReadLimit.HIGH_WATERMARK,
            leaderOnly,
            true);
    reply.accept(
        switch (replica.read(request)) {
          case ReplicaRead.Records(LogSlice slice, long watermark, long logStart) ->
              new Consumed.Batches(copy(slice), watermark, logStart);
          case ReplicaRead.Nothing(long watermark, long logStart) ->
              new Consumed.Batches(List.of(), watermark, logStart);
          case ReplicaRead.Diverged diverged -> throw new AssertionError(diverged.toString());
          case ReplicaRead.Refused(Refusal refusal) -> new Consumed.Refused(refusal, start);
        });
  }

  private static List<BatchInfo> copy(LogSlice slice) {
    ByteBuffer bytes = ByteBuffer.allocate(slice.size());
    try {
      slice.file().read(bytes, slice.position());
    } catch (StorageException gone) {
      return List.of();
    } finally {
      slice.release();
    }
    return BatchInfo.in(bytes.flip());
  }

  /** Deletes the records before an offset, as an operator asks. */
  void deleteRecords(ReplicaKey key, long before) {
    PartitionReplica replica = replicas.find(key);
    try {
      if (replica != null) {
        var _ = replica.deleteRecordsBefore(before);
      }
    } catch (StorageException failure) {
      // The disk is full or has failed: the operator may try again.
    }
  }
}
