package io.penstock.replication.observer;

import io.penstock.replication.observer.AppliedLog.Tail;
import io.penstock.replication.observer.PollAnswer.Status;
import io.penstock.replication.observer.SharedSnapshots.Snapshot;
import io.penstock.replication.observer.SharedSnapshots.Source;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One group, as this voter shows it to observers: by commands where they are kept, else by a
 * snapshot, and only what was applied here. A poll with nothing to come waits, one for each
 * observer at most; what is applied wakes all that wait, on the feed's own thread, so that the
 * applier thread only leaves a sign.
 *
 * <p>The applier thread of the group calls {@link #applied} and {@link #imageChanged}, network
 * threads the rest.
 *
 * @param <I> image
 */
public final class ObserverFeed<I> {

  /** More do not wait, but are answered at once and come back in a moment. */
  static final int WAITING_MAX = 2048;

  static final int WAIT_MAX_MS = 10_000;
  static final int BYTES_MAX = 1 << 20;
  static final long SNAPSHOT_BYTES_MAX = 512L << 20;

  private final GroupRules<I, ?, ?> rules;
  private final BooleanSupplier votes;
  private final Supplier<GroupView> view;
  private final Tasks tasks;
  private final LongSupplier wallClockMs;
  private final AppliedLog log;
  private final ObserverPositions positions;
  private final SharedSnapshots snapshots;
  private final Map<Integer, Waiting> waiting = new HashMap<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile @Nullable Shown<I> shown;

  /** The newest image here, and its place. */
  private record Shown<I>(Position at, I image) {}

  /** A poll for which nothing has come yet. */
  private record Waiting(PollRequest request, CompletableFuture<byte[]> answer) {}

  /**
   * @param votes whether this node has a vote; without one it only names those who have
   * @param view who leads and who votes, as far as this node knows
   * @param tasks the feed's thread
   * @param encoder where snapshots are encoded
   */
  public ObserverFeed(
      GroupRules<I, ?, ?> rules,
      BooleanSupplier votes,
      Supplier<GroupView> view,
      Tasks tasks,
      Tasks encoder,
      LongSupplier wallClockMs) {
    this(rules, votes, view, tasks, encoder, wallClockMs, new AppliedLog());
  }

  ObserverFeed(
      GroupRules<I, ?, ?> rules,
      BooleanSupplier votes,
      Supplier<GroupView> view,
      Tasks tasks,
      Tasks encoder,
      LongSupplier wallClockMs,
      AppliedLog log) {
    this.rules = rules;
    this.votes = votes;
    this.view = view;
    this.tasks = tasks;
    this.wallClockMs = wallClockMs;
    this.log = log;
    this.positions = new ObserverPositions();
    this.snapshots = new SharedSnapshots(encoder, SNAPSHOT_BYTES_MAX);
  }

  /** A new member begins here, with nothing: what the former one kept is not its history. */
  public void beginAnew() {
    shown = null;
    log.restart(Position.NONE);
  }

  /** A command was applied; its image is told of next. */
  public void applied(Position at, byte[] command) {
    log.append(at, command);
  }

  /** There is a new image: of the command before, of an entry of Raft's own, or of a snapshot. */
  public void imageChanged(Position at, I image) {
    Shown<I> before = shown;
    shown = new Shown<>(at, image);
    Position last = log.last();
    if (at.index() > last.index() && before != null && isSame(before.image(), image)) {
      log.skipTo(at);
    } else if (!at.equals(last)) {
      log.restart(at);
    }
    wake();
  }

  @SuppressWarnings("ReferenceEquality") // an entry that is no command leaves the very same image
  private static <I> boolean isSame(I one, I other) {
    return one == other;
  }

  /** The observers that were heard of here. */
  public ObserverPositions positions() {
    return positions;
  }

  /** Answers at once, or when something has come, or when its time is over. */
  CompletionStage<byte[]> poll(PollRequest request) {
    if (!votes.getAsBoolean()) {
      return answered(noVoter());
    }
    positions.heard(
        request.from(), request.have(), isCaughtUp(request.have()), wallClockMs.getAsLong());
    PollAnswer answer = answer(request);
    if (isWorthSending(answer, request.have()) || request.waitMs() == 0) {
      return answered(answer);
    }
    Waiting parked = new Waiting(request, new CompletableFuture<>());
    Waiting former;
    synchronized (waiting) {
      if (waiting.size() >= WAITING_MAX && !waiting.containsKey(request.from().nodeId())) {
        return answered(answer);
      }
      former = waiting.put(request.from().nodeId(), parked);
    }
    if (former != null) {
      former.answer().complete(answer(former.request()).encode()); // its observer has given it up
    }
    Tasks.Handle timeout =
        tasks.runAfter(Math.min(request.waitMs(), WAIT_MAX_MS), () -> end(parked));
    var _ = parked.answer().whenComplete((_, _) -> timeout.cancel());
    if (log.last().index() > request.have().index()) {
      wake(); // it was applied while this one was on its way to the others that wait
    }
    return parked.answer();
  }

  /** The part of a snapshot that was asked for. */
  CompletionStage<byte[]> snapshot(SnapshotRequest request) {
    int limit = Math.min(request.bytesMax(), BYTES_MAX);
    if (!request.at().equals(Position.NONE)) {
      Snapshot found = snapshots.find(request.at());
      SnapshotAnswer part =
          found == null ? SnapshotAnswer.GONE : found.partAt(request.offset(), limit);
      return CompletableFuture.completedFuture(part.encode());
    }
    if (shown == null || !votes.getAsBoolean()) {
      return CompletableFuture.completedFuture(SnapshotAnswer.GONE.encode());
    }
    return snapshots
        .newest(log::reachesBackTo, this::source)
        .thenApply(snapshot -> snapshot.partAt(0, limit).encode());
  }

  private Source source() {
    Shown<I> now = shown;
    if (now == null) {
      throw new IllegalStateException("nothing to show yet");
    }
    return new Source(now.at(), out -> rules.writeImage(now.image(), new CompactOutput(out)));
  }

  /** Something has come: those that wait are looked through soon. */
  public void wake() {
    if (woken.compareAndSet(false, true)) {
      tasks.run(this::answerThoseThatWait);
    }
  }

  private void answerThoseThatWait() {
    woken.set(false);
    List<Waiting> all;
    synchronized (waiting) {
      all = List.copyOf(waiting.values());
    }
    Map<Position, PollAnswer> answers = new HashMap<>();
    Map<Position, byte[]> encoded = new HashMap<>();
    List<Waiting> served = new ArrayList<>();
    for (Waiting one : all) {
      // Most are at the same place, and are told the same.
      Position have = one.request().have();
      PollAnswer answer = answers.computeIfAbsent(have, _ -> answer(one.request()));
      if (isWorthSending(answer, have)) {
        encoded.computeIfAbsent(have, _ -> answer.encode());
        served.add(one);
      }
    }
    for (Waiting one : served) {
      if (remove(one)) {
        byte[] bytes = encoded.get(one.request().have());
        one.answer().complete(bytes == null ? answer(one.request()).encode() : bytes);
      }
    }
  }

  /** Nothing has come in its time. */
  private void end(Waiting one) {
    if (remove(one)) {
      one.answer().complete(answer(one.request()).encode());
    }
  }

  private boolean remove(Waiting one) {
    synchronized (waiting) {
      return waiting.remove(one.request().from().nodeId(), one);
    }
  }

  /** Nothing more will come: those that wait are told what there is. */
  public void close() {
    List<Waiting> all;
    synchronized (waiting) {
      all = List.copyOf(waiting.values());
    }
    all.forEach(this::end);
  }

  int waitingCount() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private boolean isCaughtUp(Position have) {
    return have.index() >= log.last().index();
  }

  private static boolean isWorthSending(PollAnswer answer, Position have) {
    return answer.status() != Status.COMMANDS || answer.upTo().index() > have.index();
  }

  private PollAnswer answer(PollRequest request) {
    if (!votes.getAsBoolean()) {
      return noVoter();
    }
    GroupView now = view.get();
    int limit = Math.min(request.bytesMax(), BYTES_MAX);
    return switch (log.after(request.have(), limit)) {
      case Tail.Commands(var entries, var upTo) ->
          new PollAnswer(Status.COMMANDS, now, upTo, entries);
      case Tail.Forgotten() -> new PollAnswer(Status.TAKE_SNAPSHOT, now, log.last(), List.of());
      case Tail.Ahead() -> new PollAnswer(Status.BEHIND, now, log.last(), List.of());
      case Tail.Forked() -> new PollAnswer(Status.FORKED, now, log.last(), List.of());
    };
  }

  private PollAnswer noVoter() {
    return new PollAnswer(Status.NO_VOTER, view.get(), Position.NONE, List.of());
  }

  private static CompletionStage<byte[]> answered(PollAnswer answer) {
    return CompletableFuture.completedFuture(answer.encode());
  }
}
