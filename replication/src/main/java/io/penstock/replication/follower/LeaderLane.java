package io.penstock.replication.follower;

import io.penstock.replication.follower.FollowedPartition.State;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.partition.FollowerStep;
import io.penstock.replication.partition.Wakeups;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All partitions that are followed at one leader node on one lane, and the one fetch that is under
 * way for them. Roles come from the registry's thread, answers on the endpoint's, flushes and
 * retries on others: the lane's monitor covers its state, which is memory only; it is not held
 * while a log is read or written, nor while anybody is called. Whoever makes a fetch possible sends
 * it. What was received in another role than the present one, or for another position, is dropped:
 * by the lane, and in the end by the replica, under its own lock.
 */
final class LeaderLane implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaderLane.class);
  private static final int MIN_BYTES = 1;

  private final int leader;
  private final FetchLane lane;
  private final FollowerServices services;
  private final FollowerSettings settings;
  private final Shared shared;
  private final LeaderEndpoint endpoint;
  private final Intake intake;
  private final LaneMembers members = new LaneMembers();
  private boolean sending;
  private boolean inFlight;
  private boolean hurried;
  private boolean closed;
  private int failures;
  private long notBeforeMs = Long.MIN_VALUE;
  private long timerAtMs = Delays.NEVER;
  private Tasks.@Nullable Handle timer;

  /** What all lanes have together. */
  record Shared(FollowerMetrics metrics, CatchUpThrottle throttle, Backoff backoff) {}

  LeaderLane(
      int leader,
      FetchLane lane,
      FollowerServices services,
      FollowerSettings settings,
      Shared shared) {
    this.leader = leader;
    this.lane = lane;
    this.services = services;
    this.settings = settings;
    this.shared = shared;
    this.endpoint = services.endpoints().to(leader, lane);
    this.intake = new Intake(this, services.blocking(), shared.metrics());
  }

  // Who is followed --------------------------------------------------------------------------

  /** Follows a partition from where it stands, at once; in place of what it was here before. */
  void follow(FollowedPartition partition, FollowerStep.At at) {
    boolean hurry;
    synchronized (this) {
      if (closed) {
        return;
      }
      members.add(partition, at);
      failures = Math.min(failures, 1);
      notBeforeMs = Long.MIN_VALUE;
      hurry = inFlight && !hurried;
      hurried |= hurry;
    }
    partition.side.whenAckable(() -> flushed(partition));
    flushed(partition);
    if (hurry) {
      endpoint.hurry();
    }
    pump();
  }

  /**
   * Follows a partition no more.
   *
   * @return whether nobody is left
   */
  boolean leave(ReplicaKey key) {
    FollowedPartition left;
    boolean empty;
    synchronized (this) {
      left = members.remove(key);
      empty = members.isEmpty();
    }
    if (left != null) {
      left.side.whenAckable(() -> {});
    }
    return empty;
  }

  synchronized long maxLag() {
    return members.maxLag();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (timer != null) {
        timer.cancel();
      }
    }
    endpoint.close();
  }

  // What becomes of a partition --------------------------------------------------------------

  private boolean isCurrent(FollowedPartition partition) {
    return !closed && members.contains(partition);
  }

  /** The partition that an answer is for; null where the answer means nothing any more. */
  synchronized @Nullable FollowedPartition claim(ReplicaKey key) {
    return closed ? null : members.asked(key);
  }

  /** A step has led here; the partition had something new where {@code rotate}. */
  void settle(FollowedPartition partition, FollowerStep step, boolean rotate) {
    synchronized (this) {
      if (!isCurrent(partition)) {
        return;
      }
      switch (step) {
        case FollowerStep.At at -> {
          partition.failures = 0;
          members.put(partition, at);
          if (rotate) {
            members.moveToEnd(partition);
          }
        }
        case FollowerStep.Ended _ -> members.end(partition);
        case FollowerStep.Rejected _, FollowerStep.Misaligned _, FollowerStep.NoRoom _ ->
            delay(partition);
      }
    }
    flushed(partition);
  }

  /** The leader refused it, or what it said led nowhere. */
  synchronized void postpone(FollowedPartition partition) {
    if (isCurrent(partition)) {
      delay(partition);
    }
  }

  private void delay(FollowedPartition partition) {
    partition.failures++;
    long untilMs = services.tasks().nowMs() + shared.backoff().afterMs(partition.failures);
    members.delay(partition, untilMs);
    arm(untilMs);
  }

  /** Takes it out of the fetch while its log is worked on; false where it is another's already. */
  synchronized boolean beginWork(FollowedPartition partition) {
    if (!isCurrent(partition)) {
      return false;
    }
    members.begin(partition);
    return true;
  }

  /** A partition that waits for a flush may have it now. Any thread. */
  private void flushed(FollowedPartition partition) {
    synchronized (this) {
      if (partition.state != State.HELD) {
        return;
      }
    }
    FollowerStep step = partition.side.position();
    if (step instanceof FollowerStep.At at && at.held()) {
      return;
    }
    resume(partition, State.HELD, step);
    pump();
  }

  /** Goes on from where it stands, unless something else has happened meanwhile. */
  private synchronized void resume(FollowedPartition partition, State from, FollowerStep step) {
    if (partition.state != from || !isCurrent(partition)) {
      return;
    }
    if (step instanceof FollowerStep.At at) {
      members.put(partition, at);
    } else {
      members.end(partition);
    }
  }

  // Time -------------------------------------------------------------------------------------

  private void arm(long atMs) {
    if (closed || atMs >= timerAtMs) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerAtMs = atMs;
    timer = services.tasks().runAfter(atMs - services.tasks().nowMs(), this::timerFired);
  }

  private void timerFired() {
    List<FollowedPartition> due;
    synchronized (this) {
      timer = null;
      timerAtMs = Delays.NEVER;
      due = members.due(services.tasks().nowMs());
      arm(members.nextDelayMs());
    }
    for (FollowedPartition partition : due) {
      resume(partition, State.DELAYED, partition.side.position());
      flushed(partition);
    }
    pump();
  }

  // Rounds -----------------------------------------------------------------------------------

  /** Sends the next fetch if there is none under way and something to ask for. */
  void pump() {
    while (true) {
      ReplicaFetch fetch;
      synchronized (this) {
        if (sending || inFlight || closed) {
          return;
        }
        fetch = next();
        if (fetch == null) {
          return;
        }
        sending = true;
        inFlight = true;
        hurried = false;
      }
      send(fetch);
      // The answer may be here already; who brought it has left the next fetch to this thread.
      synchronized (this) {
        sending = false;
      }
    }
  }

  private void send(ReplicaFetch fetch) {
    shared.metrics().fetches().inc();
    CompletionStage<LeaderAnswer> stage;
    try {
      stage = endpoint.fetch(fetch);
    } catch (RuntimeException bug) {
      LOG.error("Fetch could not be sent: leader={} lane={}", leader, lane, bug);
      failed(bug);
      return;
    }
    var _ = stage.whenComplete(this::answered);
  }

  private @Nullable ReplicaFetch next() {
    if (!members.hasSomethingToAsk()) {
      return null;
    }
    long nowMs = services.tasks().nowMs();
    long waitMs = lane == FetchLane.CATCHING_UP ? shared.throttle().waitMs(nowMs) : 0;
    long atMs = Math.max(notBeforeMs, nowMs + waitMs);
    if (atMs > nowMs) {
      arm(atMs);
      return null;
    }
    int bytesMax = settings.fetchBytesMax();
    if (lane == FetchLane.CATCHING_UP) {
      bytesMax = shared.throttle().allowance(bytesMax);
    }
    LaneMembers.Round round = members.next(Math.min(bytesMax, settings.partitionBytesMax()));
    return new ReplicaFetch(
        services.brokerEpoch().getAsLong(),
        round.fresh(),
        members.waitMs(nowMs, settings.maxWaitMs()),
        MIN_BYTES,
        bytesMax,
        round.changed(),
        round.forgotten());
  }

  private void answered(@Nullable LeaderAnswer answer, @Nullable Throwable failure) {
    try {
      switch (answer) {
        case null -> failed(failure);
        case LeaderAnswer.SessionLost lost -> {
          lost.close();
          startAgain();
        }
        case LeaderAnswer.Batches batches -> take(batches);
      }
    } catch (RuntimeException bug) {
      LOG.error("An answer could not be taken: leader={} lane={}", leader, lane, bug);
      failed(bug);
    }
    pump();
  }

  private void take(LeaderAnswer.Batches batches) {
    Wakeups wakeups = new Wakeups();
    long bytes;
    try (batches) {
      bytes = intake.take(batches.partitions(), wakeups);
    }
    shared.metrics().bytes().inc(bytes);
    if (lane == FetchLane.CATCHING_UP) {
      shared.metrics().catchUpBytes().inc(bytes);
      shared.throttle().took(bytes);
    }
    synchronized (this) {
      if (failures > 1) {
        LOG.info("Leader answers again: leader={} lane={}", leader, lane);
      }
      failures = 0;
      inFlight = false;
    }
    // The next fetch, which acknowledges, before those who only read.
    pump();
    runContained(wakeups);
  }

  /** A reader that fails is no reason to fetch again. */
  private void runContained(Wakeups wakeups) {
    try {
      wakeups.run();
    } catch (RuntimeException bug) {
      LOG.error("A reader could not be woken: leader={} lane={}", leader, lane, bug);
    }
  }

  /** The leader has forgotten its session; once is no failure. */
  private synchronized void startAgain() {
    members.lostSession();
    inFlight = false;
    failures++;
    if (failures > 1) {
      notBeforeMs = services.tasks().nowMs() + shared.backoff().afterMs(failures - 1);
    }
  }

  private void failed(@Nullable Throwable failure) {
    shared.metrics().failures().inc();
    synchronized (this) {
      members.lostSession();
      inFlight = false;
      failures++;
      notBeforeMs = services.tasks().nowMs() + shared.backoff().afterMs(failures);
      if (closed || failures > 1) {
        return;
      }
    }
    LOG.info("No answer of a leader: leader={} lane={} cause={}", leader, lane, text(failure));
  }

  private static String text(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return String.valueOf(cause);
  }
}
