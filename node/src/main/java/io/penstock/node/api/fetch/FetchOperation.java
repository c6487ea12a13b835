package io.penstock.node.api.fetch;

import io.penstock.node.api.Cancellable;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.storage.log.LogSlice;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.FetchResponseData;
import org.jspecify.annotations.Nullable;

/**
 * One fetch from its first look at the partitions to its answer. While there is less than it asked
 * for it is parked: it waits for its partitions ({@link FetchScope}), and for a timer. A follower's
 * is also answered when only the high watermark has moved: at once where records are rare, but
 * where they keep coming the watermark travels with the next of them, and costs no request of its
 * own. Lives on the loop of its connection; only the hints of {@link FetchWaiter} come from other
 * threads.
 */
final class FetchOperation implements FetchWaiter {

  /** How often it looks again at once because a partition moved under it, before it yields. */
  private static final int LOOKS_IN_A_ROW = 4;

  /** When all threads for files are busy, it comes back after this time. */
  private static final long RETRY_MS = 5;

  /**
   * How long news of a partition's borders waits for records to travel with, where they came in
   * shorter steps than this. Bounds what such news costs: a session has at most so many requests
   * more in a second as this goes into one.
   */
  static final int BORDERS_WAIT_MS = 5;

  private final FetchServices services;
  private final RequestContext context;
  private final FetchParameters parameters;
  private final FetchPlan plan;
  private final FetchScope scope;
  private final FollowerAcks acks;
  private final AtomicLong missingBytes = new AtomicLong();
  private final AtomicBoolean woken = new AtomicBoolean();
  private @Nullable Cancellable timer;
  private boolean isParked;
  private boolean timeIsUp;

  /** Whether it is to be answered, or would have been by now, for borders that have moved. */
  private volatile boolean tellsBorders;

  private boolean ended;

  FetchOperation(
      FetchServices services,
      RequestContext context,
      FetchParameters parameters,
      FetchPlan plan,
      FetchScope scope,
      FollowerAcks acks) {
    this.services = services;
    this.context = context;
    this.parameters = parameters;
    this.plan = plan;
    this.scope = scope;
    this.acks = acks;
    // A follower's session begins at once: what it has to know first is the high watermark.
    this.timeIsUp = parameters.isFollower() && plan instanceof FetchPlan.Begin;
    this.tellsBorders =
        parameters.isFollower()
            && plan instanceof FetchPlan.Continue(FetchSession session)
            && !session.isBusy();
  }

  /**
   * Looks at once where that takes no disk; otherwise old offsets are first looked up in the index
   * files by a thread that may block.
   */
  void start() {
    List<FetchItem> items = scope.items();
    if (FetchAttempt.findsWithoutDisk(services.partitions(), items)) {
      look();
      return;
    }
    try {
      services.blocking().execute(() -> findOnDisk(items));
    } catch (RejectedExecutionException busy) {
      context.loop().schedule(RETRY_MS, this::start);
    }
  }

  private void findOnDisk(List<FetchItem> items) {
    try {
      FetchAttempt.findOnDisk(services.partitions(), items);
    } finally {
      context.loop().execute(this::look);
    }
  }

  /** Reads, and answers if that is enough or the time is up; otherwise parks. */
  private void look() {
    for (int i = 0; i < LOOKS_IN_A_ROW; i++) {
      FetchAttempt attempt = FetchAttempt.read(services.partitions(), parameters, scope, acks);
      if (timeIsUp || scope.isEmpty() || attempt.suffices() || isToTellBorders(attempt)) {
        answer(attempt);
        return;
      }
      attempt.release();
      if (park(attempt)) {
        return;
      }
    }
    context.loop().execute(this);
  }

  private boolean isToTellBorders(FetchAttempt attempt) {
    return tellsBorders && scope.isNews(attempt);
  }

  private void startTimer() {
    int waitMs = parameters.maxWaitMs();
    boolean ofSession = plan instanceof FetchPlan.Continue;
    timer =
        ofSession && parameters.isFollower() && !tellsBorders && waitMs > BORDERS_WAIT_MS
            ? context.loop().schedule(BORDERS_WAIT_MS, this::tellBorders)
            : context.loop().schedule(waitMs, this::timeOut);
  }

  private void tellBorders() {
    timer = context.loop().schedule(parameters.maxWaitMs() - BORDERS_WAIT_MS, this::timeOut);
    tellsBorders = true;
    run();
  }

  private boolean park(FetchAttempt attempt) {
    if (timer == null) {
      startTimer();
      context.whenAbandoned(this::abandon);
      if (parameters.isFollower()) {
        context.whenFollowed(this::timeOut);
      }
      if (ended) {
        return true;
      }
    }
    missingBytes.set(parameters.minBytes() - attempt.bytes());
    woken.set(false);
    if (!scope.park(this, attempt)) {
      return false;
    }
    isParked = true;
    services.parked().inc();
    return true;
  }

  private void unpark() {
    if (isParked) {
      isParked = false;
      scope.unpark(this);
      services.parked().dec();
    }
  }

  @Override
  public WakeTarget home() {
    return context.home();
  }

  @Override
  public boolean bytesAvailable(long bytes) {
    return missingBytes.addAndGet(-bytes) <= 0 && woken.compareAndSet(false, true);
  }

  @Override
  public boolean bordersMoved() {
    return tellsBorders && woken.compareAndSet(false, true);
  }

  @Override
  public boolean disturbed() {
    return woken.compareAndSet(false, true);
  }

  @Override
  public void run() {
    context.attempt(this::lookAgain);
  }

  private void lookAgain() {
    if (!ended) {
      unpark();
      look();
    }
  }

  private void timeOut() {
    timeIsUp = true;
    run();
  }

  private void abandon() {
    if (!ended) {
      end();
      context.respondNothing();
    }
  }

  private void end() {
    ended = true;
    unpark();
    if (timer != null) {
      timer.cancel();
    }
  }

  private void answer(FetchAttempt attempt) {
    end();
    List<LogSlice> slices = attempt.slices();
    if (slices.isEmpty()) {
      respond(attempt);
    } else {
      services.residency().whenResident(slices, context.loop(), () -> respond(attempt));
    }
  }

  private void respond(FetchAttempt attempt) {
    long nowMs = services.clock().getAsLong();
    services.bytes().mark(attempt.bytes());
    services.records().mark(attempt.records());
    List<FetchResult> results = attempt.results();
    FetchResponseData response =
        switch (plan) {
          case FetchPlan.Once _ -> response(results, FetchSessions.NO_SESSION);
          case FetchPlan.Begin(_, boolean byTopicId) ->
              response(
                  results,
                  services.sessions().begin(results, byTopicId, parameters.isFollower(), nowMs));
          case FetchPlan.Continue(FetchSession session) ->
              response(session.news(results, nowMs), session.id());
          case FetchPlan.Refused _ -> throw new IllegalStateException("nothing was read");
        };
    context.respond(response);
  }

  private FetchResponseData response(List<FetchResult> results, int sessionId) {
    FetchAnswer answer = new FetchAnswer(parameters, services.partitions());
    results.forEach(answer::add);
    return answer.response().setSessionId(sessionId);
  }
}
