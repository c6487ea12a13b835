package io.penstock.replication.simulation;

import io.penstock.replication.follower.FetchProblem;
import io.penstock.replication.follower.FetchedPartition;
import io.penstock.replication.follower.LeaderAnswer;
import io.penstock.replication.follower.PartitionFetch;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.ReadRequest;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.ReplicaRead;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.partition.Ticket;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers followers as a node's fetch handler does: it remembers what each connection asked for,
 * takes note of progress where a log fits, waits for news, and may send the bytes a little later
 * than it found them, as a kernel does.
 */
final class LeaderServer {

  private static final int LATE_US_MAX = 4_000;

  private final SimProcess process;
  private final Random random;
  private final SimReplicas replicas;
  private final WakeTarget home;
  private final Wakeups wakeups;
  private final AnswerBytes buffers;
  private final Map<Long, Session> sessions = new HashMap<>();

  LeaderServer(
      SimProcess process,
      Random random,
      SimReplicas replicas,
      WakeTarget home,
      Wakeups wakeups,
      AnswerBytes buffers) {
    this.process = process;
    this.random = random;
    this.replicas = replicas;
    this.home = home;
    this.wakeups = wakeups;
    this.buffers = buffers;
  }

  /** What one connection has asked for, and was told. */
  private static final class Session {
    final Map<ReplicaKey, PartitionFetch> wanted = new LinkedHashMap<>();
    final Map<ReplicaKey, Long> toldWatermark = new HashMap<>();
    final Map<ReplicaKey, Long> toldStart = new HashMap<>();
    @Nullable Parked parked;
  }

  /** Forgets what it was asked for, as a full cache of sessions does. */
  void forgetSessions() {
    sessions.clear();
  }

  /** Answers what is under way on a connection as soon as possible. */
  void hurry(long connection) {
    Session session = sessions.get(connection);
    if (session != null && session.parked != null) {
      session.parked.look(true);
      wakeups.run();
    }
  }

  void serve(int follower, long connection, ReplicaFetch fetch, Consumer<LeaderAnswer> reply) {
    if (fetch.fresh()) {
      sessions.put(connection, new Session());
    }
    Session session = sessions.get(connection);
    if (session == null) {
      reply.accept(new LeaderAnswer.SessionLost());
      return;
    }
    fetch.forgotten().forEach(session.wanted::remove);
    fetch.changed().forEach(each -> session.wanted.put(each.key(), each));
    session.parked = new Parked(follower, session, fetch, reply);
    session.parked.look(false);
    wakeups.run();
  }

  /** What was found of one partition. */
  private record Found(
      ReplicaKey key,
      FetchProblem problem,
      long highWatermark,
      long logStart,
      @Nullable EpochEnd diverging,
      @Nullable LogSlice slice) {

    static Found failed(ReplicaKey key, FetchProblem problem) {
      return new Found(key, problem, -1, -1, null, null);
    }

    boolean isUrgent() {
      return problem != FetchProblem.NONE || diverging != null;
    }
  }

  /** One fetch, until it is answered. */
  private final class Parked implements FetchWaiter {
    private final int follower;
    private final Session session;
    private final ReplicaFetch fetch;
    private final Consumer<LeaderAnswer> reply;
    private final List<Ticket> tickets = new ArrayList<>();
    private boolean woken;
    private boolean answered;

    Parked(int follower, Session session, ReplicaFetch fetch, Consumer<LeaderAnswer> reply) {
      this.follower = follower;
      this.session = session;
      this.fetch = fetch;
      this.reply = reply;
      process.after(
          fetch.maxWaitMs() * SimTime.MS,
          () -> {
            look(true);
            wakeups.run();
          });
    }

    @Override
    public WakeTarget home() {
      return home;
    }

    @Override
    public boolean bytesAvailable(long bytes) {
      return wake();
    }

    @Override
    public boolean disturbed() {
      return wake();
    }

    private boolean wake() {
      boolean first = !woken;
      woken = true;
      return first && !answered;
    }

    @Override
    public void run() {
      look(false);
    }

    void look(boolean lastTime) {
      while (!answered) {
        tickets.forEach(Ticket::leave);
        tickets.clear();
        woken = false;
        List<Found> found = new ArrayList<>();
        boolean enough = read(found);
        if (lastTime || enough) {
          answered = true;
          send(found);
        } else {
          found.forEach(LeaderServer::release);
          if (park()) {
            return;
          }
        }
      }
    }

    /** Whether there is enough to answer at once. */
    private boolean read(List<Found> all) {
      long bytes = 0;
      boolean enough = false;
      for (PartitionFetch wanted : session.wanted.values()) {
        int room = (int) Math.max(0, Math.min(wanted.maxBytes(), fetch.maxBytes() - bytes));
        Found found = find(wanted, room, bytes == 0);
        bytes += found.slice == null ? 0 : found.slice.size();
        enough |= found.isUrgent() || isNews(found);
        all.add(found);
      }
      return enough || (bytes > 0 && bytes >= fetch.minBytes());
    }

    private boolean isNews(Found found) {
      return found.problem == FetchProblem.NONE
          && (session.toldWatermark.getOrDefault(found.key, -1L) != found.highWatermark
              || session.toldStart.getOrDefault(found.key, -1L) != found.logStart);
    }

    private Found find(PartitionFetch wanted, int room, boolean atLeastOne) {
      PartitionReplica replica = replicas.find(wanted.key());
      if (replica == null) {
        return Found.failed(wanted.key(), FetchProblem.UNKNOWN_PARTITION);
      }
      if (!replica.isFollowedBy(follower)) {
        Refusal refusal = replica.check(wanted.leaderEpoch(), true);
        return Found.failed(
            wanted.key(), refusal == null ? FetchProblem.UNKNOWN_PARTITION : problem(refusal));
      }
      Found found =
          switch (replica.read(
              new ReadRequest(
                  wanted.fetchOffset(),
                  wanted.leaderEpoch(),
                  wanted.lastFetchedEpoch(),
                  room,
                  ReadLimit.LOG_END,
                  true,
                  atLeastOne))) {
            case ReplicaRead.Records(LogSlice slice, long watermark, long start) ->
                new Found(wanted.key(), FetchProblem.NONE, watermark, start, null, slice);
            case ReplicaRead.Nothing(long watermark, long start) ->
                new Found(wanted.key(), FetchProblem.NONE, watermark, start, null, null);
            case ReplicaRead.Diverged(int epoch, long end, long watermark, long start) ->
                new Found(
                    wanted.key(),
                    FetchProblem.NONE,
                    watermark,
                    start,
                    new EpochEnd(epoch, end),
                    null);
            case ReplicaRead.Refused(Refusal refusal) ->
                new Found(
                    wanted.key(),
                    problem(refusal),
                    replica.highWatermark(),
                    replica.logStartOffset(),
                    null,
                    null);
          };
      if (!found.isUrgent()) {
        FollowerProgress progress =
            new FollowerProgress(
                follower,
                fetch.brokerEpoch(),
                wanted.leaderEpoch(),
                wanted.fetchOffset(),
                process.nowMs());
        var _ = replica.followerFetched(progress, wakeups);
      }
      return found;
    }

    /** False where something has changed since the last look. */
    private boolean park() {
      for (ReplicaKey key : session.wanted.keySet()) {
        PartitionReplica replica = replicas.find(key);
        if (replica == null) {
          continue;
        }
        ReplicaRole role = replica.role();
        for (ReadLimit limit : ReadLimit.values()) {
          Ticket ticket = replica.awaitBytes(limit, replica.endOffset(limit), role, this);
          if (ticket == null) {
            return false;
          }
          tickets.add(ticket);
        }
      }
      return true;
    }

    private void send(List<Found> found) {
      List<Found> told = new ArrayList<>();
      for (Found each : found) {
        if (each.isUrgent() || each.slice != null || isNews(each)) {
          told.add(each);
          if (each.problem == FetchProblem.NONE) {
            session.toldWatermark.put(each.key, each.highWatermark);
            session.toldStart.put(each.key, each.logStart);
          }
        }
      }
      long lateUs = random.nextInt(8) == 0 ? random.nextInt(LATE_US_MAX) : 0;
      if (lateUs == 0) {
        reply.accept(copy(told));
      } else {
        process.after(lateUs, () -> reply.accept(copy(told)));
      }
    }
  }

  private static void release(Found found) {
    if (found.slice != null) {
      found.slice.release();
    }
  }

  private LeaderAnswer copy(List<Found> told) {
    ByteBuffer all = buffers.take();
    List<FetchedPartition> partitions = new ArrayList<>();
    for (Found each : told) {
      int from = all.position();
      if (each.slice != null) {
        copy(each.slice, all);
        each.slice.release();
      }
      partitions.add(
          new FetchedPartition(
              each.key,
              each.problem,
              each.highWatermark,
              each.logStart,
              each.diverging,
              all.slice(from, all.position() - from)));
    }
    all.flip();
    boolean[] released = {false};
    return new LeaderAnswer.Batches(
        partitions,
        () -> {
          if (released[0]) {
            throw new AssertionError("an answer was closed twice");
          }
          released[0] = true;
          buffers.giveBack(all);
        });
  }

  /** A file that was cut meanwhile is sent as it is now, and zeros for what is missing. */
  private static void copy(LogSlice slice, ByteBuffer to) {
    int end = to.position() + slice.size();
    ByteBuffer part = to.duplicate().limit(end);
    try {
      slice.file().read(part, slice.position());
    } catch (StorageException gone) {
      part.position(to.position());
    }
    while (part.hasRemaining()) {
      part.put((byte) 0);
    }
    to.position(end);
  }

  private static FetchProblem problem(Refusal refusal) {
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
}
