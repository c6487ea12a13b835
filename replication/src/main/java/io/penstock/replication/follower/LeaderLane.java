package io.penstock.replication.follower;

import io.penstock.replication.follower.FollowedPartition.State;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerStep;
import io.penstock.replication.partition.Wakeups;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 *
 * <p>A partition is out of the fetch while it cannot be asked for. The leader then forgets it: it
 * would answer for it again and again otherwise.
 */
final class LeaderLane implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaderLane.class);

  /** How long the leader may keep a fetch at first while a partition is about to come back. */
  private static final int SHORT_WAIT_MS = 4;

  private final int leader;
  private final FetchLane lane;
  private final FollowerServices services;
  private final FollowerSettings settings;
  private final Shared shared;
  private final LeaderEndpoint endpoint;
  private final Intake intake;
  private final LinkedHashMap<ReplicaKey, FollowedPartition> members = new LinkedHashMap<>();
  private final FetchSession session = new FetchSession();
  private final Delays delays = new Delays();
  private int ready;
  private int comingBack;
  private int shortWaitMs = SHORT_WAIT_MS;
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
      remove(partition.key);
      members.put(partition.key, partition);
      put(partition, at);
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
      left = remove(key);
      empty = members.isEmpty();
    }
    if (left != null) {
      left.side.whenAckable(() -> {});
    }
    return empty;
  }

  private @Nullable FollowedPartition remove(ReplicaKey key) {
    FollowedPartition removed = members.remove(key);
    if (removed != null) {
      enter(removed, State.ENDED);
    }
    return removed;
  }

  synchronized long maxLag() {
    long most = 0;
    for (FollowedPartition partition : members.values()) {
      most = Math.max(most, partition.lag);
    }
    return most;
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
    return !closed && members.get(partition.key) == partition;
  }

  private void enter(FollowedPartition partition, State next) {
    count(partition.state, -1);
    partition.state = next;
    count(next, 1);
    if (next == State.READY) {
      session.touch(partition.key);
    } else {
      session.doubt(partition.key);
    }
  }

  private void count(State state, int by) {
    switch (state) {
      case READY -> ready += by;
      case HELD, BUSY -> {
        comingBack += by;
        shortWaitMs = SHORT_WAIT_MS;
      }
      case DELAYED, ENDED -> {}
    }
  }

  private void put(FollowedPartition partition, FollowerStep.At at) {
    if (at.position().leaderEpoch() != partition.leaderEpoch) {
      enter(partition, State.ENDED);
      return;
    }
    partition.position = at.position();
    enter(partition, at.held() ? State.HELD : State.READY);
  }

  private void delay(FollowedPartition partition) {
    partition.failures++;
    long dueMs = services.tasks().nowMs() + shared.backoff().afterMs(partition.failures);
    enter(partition, State.DELAYED);
    delays.add(dueMs, partition);
    arm(dueMs);
  }

  /**
   * From where the partition was asked for in the fetch that is answered now; null where it is not
   * wanted any more, or from somewhere else.
   */
  synchronized @Nullable FollowedPartition claim(ReplicaKey key) {
    FollowedPartition partition = members.get(key);
    boolean wanted =
        partition != null
            && !closed
            && partition.state == State.READY
            && partition.position.equals(session.asked(key));
    return wanted ? partition : null;
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
          put(partition, at);
          if (rotate) {
            members.putLast(partition.key, partition);
          }
        }
        case FollowerStep.Ended _ -> enter(partition, State.ENDED);
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

  /** Takes it out of the fetch while its log is worked on; false where it is another's already. */
  synchronized boolean beginWork(FollowedPartition partition) {
    if (!isCurrent(partition)) {
      return false;
    }
    enter(partition, State.BUSY);
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
    synchronized (this) {
      if (partition.state != State.HELD || !isCurrent(partition)) {
        return;
      }
      resume(partition, step);
    }
    pump();
  }

  private void resume(FollowedPartition partition, FollowerStep step) {
    if (step instanceof FollowerStep.At at) {
      put(partition, at);
    } else {
      enter(partition, State.ENDED);
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
    List<FollowedPartition> due = new ArrayList<>();
    synchronized (this) {
      timer = null;
      timerAtMs = Delays.NEVER;
      for (FollowedPartition partition : delays.due(services.tasks().nowMs())) {
        if (isCurrent(partition) && partition.state == State.DELAYED) {
          due.add(partition);
        }
      }
      arm(delays.nextMs());
    }
    for (FollowedPartition partition : due) {
      FollowerStep step = partition.side.position();
      synchronized (this) {
        if (isCurrent(partition) && partition.state == State.DELAYED) {
          resume(partition, step);
        }
      }
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
    if (ready == 0) {
      return null;
    }
    long nowMs = services.tasks().nowMs();
    if (nowMs < notBeforeMs) {
      arm(notBeforeMs);
      return null;
    }
    int maxBytes = settings.fetchBytesMax();
    if (lane == FetchLane.CATCHING_UP) {
      long waitMs = shared.throttle().waitMs(nowMs);
      if (waitMs > 0) {
        arm(nowMs + waitMs);
        return null;
      }
      maxBytes = shared.throttle().allowance(maxBytes);
    }
    FetchSession.Round round = session.next(members.keySet(), this::wanted);
    List<PartitionFetch> changed = new ArrayList<>(round.changed().size());
    for (ReplicaKey key : round.changed()) {
      FollowerPosition at = session.asked(key);
      if (at != null) {
        changed.add(fetchFrom(key, at, Math.min(maxBytes, settings.partitionBytesMax())));
      }
    }
    return new ReplicaFetch(
        services.brokerEpoch().getAsLong(),
        round.fresh(),
        maxWaitMs(nowMs),
        1,
        maxBytes,
        changed,
        round.forgotten());
  }

  private @Nullable FollowerPosition wanted(ReplicaKey key) {
    FollowedPartition partition = members.get(key);
    return partition != null && partition.state == State.READY ? partition.position : null;
  }

  private static PartitionFetch fetchFrom(ReplicaKey key, FollowerPosition at, int maxBytes) {
    return new PartitionFetch(
        key, at.leaderEpoch(), at.logEndOffset(), at.lastEpoch(), at.logStartOffset(), maxBytes);
  }

  /**
   * The leader holds an idle fetch for long, but not where a partition is about to come back whose
   * acknowledgement somebody waits for.
   */
  private int maxWaitMs(long nowMs) {
    long wait = Math.min(settings.maxWaitMs(), Math.max(1, delays.nextMs() - nowMs));
    if (comingBack > 0) {
      wait = Math.min(wait, shortWaitMs);
      shortWaitMs = Math.min(2 * shortWaitMs, settings.maxWaitMs());
    }
    return (int) wait;
  }

  private void answered(@Nullable LeaderAnswer answer, @Nullable Throwable failure) {
    switch (answer) {
      case null -> failed(failure);
      case LeaderAnswer.SessionLost lost -> {
        lost.close();
        startAgain();
      }
      case LeaderAnswer.Batches batches -> take(batches);
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
    wakeups.run();
  }

  /** The leader has forgotten its session; once is no failure. */
  private synchronized void startAgain() {
    session.reset();
    inFlight = false;
    failures++;
    if (failures > 1) {
      notBeforeMs = services.tasks().nowMs() + shared.backoff().afterMs(failures - 1);
    }
  }

  private void failed(@Nullable Throwable failure) {
    shared.metrics().failures().inc();
    synchronized (this) {
      session.reset();
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
