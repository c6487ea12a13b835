package io.penstock.replication.follower;

import io.penstock.replication.observer.Tasks;
import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.Ticket;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import io.penstock.replication.peer.PeerException;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A leader in the same process: answers from its replicas as a leader's fetch handler does, with a
 * session, and keeps a fetch that has nothing to tell until something happens. Runs on the thread
 * of its tasks.
 */
public final class DirectLeaderEndpoint implements LeaderEndpoint {

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final int follower;
  private final Function<ReplicaKey, @Nullable PartitionReplica> replicas;
  private final Tasks tasks;
  private final LinkedHashMap<ReplicaKey, PartitionFetch> session = new LinkedHashMap<>();
  private final Map<ReplicaKey, Long> toldWatermarks = new LinkedHashMap<>();
  private final List<ReplicaFetch> seen = new ArrayList<>();
  private UnaryOperator<ByteBuffer> tampering = UnaryOperator.identity();
  private @Nullable Pending pending;
  private boolean cut;
  private boolean forgetful;

  /** A fetch that is not answered yet. */
  private final class Pending implements FetchWaiter {
    private final ReplicaFetch fetch;
    private final long deadlineMs;
    private final CompletableFuture<LeaderAnswer> answer = new CompletableFuture<>();
    private final List<Ticket> tickets = new ArrayList<>();
    private boolean woken;

    Pending(ReplicaFetch fetch) {
      this.fetch = fetch;
      this.deadlineMs = tasks.nowMs() + fetch.maxWaitMs();
    }

    @Override
    public WakeTarget home() {
      return new WakeTarget() {
        @Override
        public boolean isCurrentThread() {
          return false;
        }

        @Override
        public void execute(Runnable task) {
          tasks.run(task);
        }
      };
    }

    @Override
    public boolean bytesAvailable(long bytes) {
      return disturbed();
    }

    @Override
    public boolean disturbed() {
      boolean first = !woken;
      woken = true;
      return first;
    }

    @Override
    public void run() {
      tickets.forEach(Ticket::leave);
      tickets.clear();
      woken = false;
      attempt(this);
    }
  }

  public DirectLeaderEndpoint(
      int follower, Function<ReplicaKey, @Nullable PartitionReplica> replicas, Tasks tasks) {
    this.follower = follower;
    this.replicas = replicas;
    this.tasks = tasks;
  }

  /** Breaks the connection; or mends it. */
  public void cut(boolean now) {
    cut = now;
    if (now) {
      fail(PeerException.Kind.LOST);
    }
  }

  /** Answers the next fetch that goes on with a session by having lost it. */
  public void forgetSession() {
    forgetful = true;
  }

  /** What is done to records on their way. */
  public void tamper(UnaryOperator<ByteBuffer> change) {
    tampering = change;
  }

  public List<ReplicaFetch> seen() {
    return seen;
  }

  public boolean isIdle() {
    return pending != null && !pending.tickets.isEmpty();
  }

  @Override
  public CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch) {
    if (pending != null) {
      throw new IllegalStateException("a fetch is under way");
    }
    seen.add(fetch);
    Pending asked = new Pending(fetch);
    pending = asked;
    tasks.run(() -> arrive(asked));
    return asked.answer;
  }

  private void arrive(Pending asked) {
    if (asked.answer.isDone()) {
      return;
    }
    if (cut) {
      fail(PeerException.Kind.UNREACHABLE);
      return;
    }
    if (asked.fetch.fresh()) {
      session.clear();
      toldWatermarks.clear();
    } else if (forgetful) {
      forgetful = false;
      complete(asked, new LeaderAnswer.SessionLost());
      return;
    }
    asked.fetch.forgotten().forEach(session::remove);
    asked.fetch.changed().forEach(this::change);
    Wakeups wakeups = new Wakeups();
    for (PartitionFetch partition : session.values()) {
      acknowledge(asked.fetch, partition, wakeups);
    }
    attempt(asked);
    wakeups.run();
    var _ = tasks.runAfter(asked.fetch.maxWaitMs(), () -> answerIfWaiting(asked));
  }

  /** Who names a partition again without having got on did not take what it was told. */
  private void change(PartitionFetch changed) {
    PartitionFetch before = session.put(changed.key(), changed);
    if (before == null || before.fetchOffset() == changed.fetchOffset()) {
      toldWatermarks.remove(changed.key());
    }
  }

  private void acknowledge(ReplicaFetch fetch, PartitionFetch partition, Wakeups wakeups) {
    PartitionReplica replica = replicas.apply(partition.key());
    if (replica == null || replica.leaderEpoch() != partition.leaderEpoch()) {
      return;
    }
    if (read(replica, partition, 1) instanceof ReplicaRead.Diverged
        || partition.fetchOffset() > replica.logEndOffset()) {
      return;
    }
    var _ =
        replica.followerFetched(
            new FollowerProgress(
                follower,
                fetch.brokerEpoch(),
                partition.leaderEpoch(),
                partition.fetchOffset(),
                tasks.nowMs()),
            wakeups);
  }

  private void answerIfWaiting(Pending asked) {
    if (pending == asked) {
      asked.tickets.forEach(Ticket::leave);
      asked.tickets.clear();
      complete(asked, new LeaderAnswer.Batches(List.of(), () -> {}));
    }
  }

  @Override
  public void hurry() {
    Pending asked = pending;
    if (asked != null) {
      tasks.run(() -> answerIfWaiting(asked));
    }
  }

  private void attempt(Pending asked) {
    if (pending != asked) {
      return;
    }
    List<FetchedPartition> answers = new ArrayList<>();
    int left = asked.fetch.maxBytes();
    for (PartitionFetch partition : List.copyOf(session.values())) {
      FetchedPartition answer = answer(partition, left, answers.isEmpty());
      if (answer != null) {
        answers.add(answer);
        left -= answer.records().remaining();
        if (answer.records().hasRemaining()) {
          session.putLast(partition.key(), partition);
        }
      }
    }
    if (!answers.isEmpty() || tasks.nowMs() >= asked.deadlineMs) {
      complete(asked, new LeaderAnswer.Batches(answers, () -> {}));
      return;
    }
    for (PartitionFetch partition : session.values()) {
      PartitionReplica replica = replicas.apply(partition.key());
      if (replica == null || !park(asked, replica)) {
        asked.run();
        return;
      }
    }
  }

  private boolean park(Pending asked, PartitionReplica replica) {
    for (ReadLimit limit : ReadLimit.values()) {
      Ticket ticket = replica.awaitBytes(limit, replica.endOffset(limit), replica.role(), asked);
      if (ticket == null) {
        return false;
      }
      asked.tickets.add(ticket);
    }
    return true;
  }

  private @Nullable FetchedPartition answer(PartitionFetch partition, int left, boolean first) {
    PartitionReplica replica = replicas.apply(partition.key());
    if (replica == null) {
      return problem(partition.key(), FetchProblem.UNKNOWN_PARTITION, -1, -1);
    }
    int bytes = Math.min(left, partition.maxBytes());
    if (bytes <= 0) {
      return null;
    }
    return switch (read(replica, partition, first ? bytes : -bytes)) {
      case ReplicaRead.Records(LogSlice slice, long watermark, long start) ->
          told(partition.key(), watermark, start, null, bytesOf(slice));
      case ReplicaRead.Nothing(long watermark, long start) ->
          Long.valueOf(watermark).equals(toldWatermarks.get(partition.key()))
              ? null
              : told(partition.key(), watermark, start, null, NOTHING);
      case ReplicaRead.Diverged(int epoch, long end, long watermark, long start) ->
          told(partition.key(), watermark, start, new EpochEnd(epoch, end), NOTHING);
      case ReplicaRead.Refused(Refusal refusal) ->
          problem(
              partition.key(),
              problemOf(refusal),
              replica.highWatermark(),
              replica.logStartOffset());
    };
  }

  /** With a negative size, a first batch that is larger is left out. */
  private static ReplicaRead read(PartitionReplica replica, PartitionFetch partition, int bytes) {
    return replica.read(
        new ReadRequest(
            partition.fetchOffset(),
            partition.leaderEpoch(),
            partition.lastFetchedEpoch(),
            Math.abs(bytes),
            ReadLimit.LOG_END,
            true,
            bytes > 0));
  }

  private FetchedPartition told(
      ReplicaKey key, long watermark, long start, @Nullable EpochEnd diverging, ByteBuffer bytes) {
    toldWatermarks.put(key, watermark);
    return new FetchedPartition(key, FetchProblem.NONE, watermark, start, diverging, bytes);
  }

  private static FetchedPartition problem(
      ReplicaKey key, FetchProblem problem, long watermark, long start) {
    return new FetchedPartition(key, problem, watermark, start, null, NOTHING);
  }

  private static FetchProblem problemOf(Refusal refusal) {
    return switch (refusal) {
      case NOT_LEADER -> FetchProblem.NOT_LEADER;
      case FENCED_LEADER_EPOCH -> FetchProblem.FENCED_LEADER_EPOCH;
      case UNKNOWN_LEADER_EPOCH -> FetchProblem.UNKNOWN_LEADER_EPOCH;
      case UNKNOWN_REPLICA -> FetchProblem.UNKNOWN_PARTITION;
      case OFFSET_OUT_OF_RANGE -> FetchProblem.OFFSET_OUT_OF_RANGE;
      case STORAGE_FAILED -> FetchProblem.STORAGE_FAILED;
      default -> FetchProblem.OTHER;
    };
  }

  private ByteBuffer bytesOf(LogSlice slice) {
    try {
      ByteBuffer bytes = ByteBuffer.allocateDirect(slice.size());
      slice.file().read(bytes, slice.position());
      return tampering.apply(bytes.flip());
    } catch (StorageException failure) {
      throw new AssertionError("cannot read", failure);
    } finally {
      slice.release();
    }
  }

  private void complete(Pending asked, LeaderAnswer answer) {
    pending = null;
    asked.answer.complete(answer);
  }

  private void fail(PeerException.Kind kind) {
    Pending asked = pending;
    pending = null;
    session.clear();
    if (asked != null) {
      asked.tickets.forEach(Ticket::leave);
      asked.answer.completeExceptionally(new PeerException(kind, "no connection"));
    }
  }

  @Override
  public void close() {
    fail(PeerException.Kind.CLOSED);
  }
}
