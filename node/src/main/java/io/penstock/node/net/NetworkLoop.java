package io.penstock.node.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.penstock.node.api.Cancellable;
import io.penstock.node.api.Loop;
import io.penstock.node.net.region.RegionSender;
import io.penstock.replication.partition.Wakeups;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop with what its connections share: the wake-ups of a read round, the sender of
 * regions, and the list of connections that have something to flush. All of it but {@link #execute}
 * and {@link #schedule} belongs to the loop's thread.
 */
final class NetworkLoop implements Loop {

  private static final Logger log = LoggerFactory.getLogger(NetworkLoop.class);

  /** The loop looks at its sockets in between, however short it is. */
  private static final long READ_MS = 2;

  private final EventLoop eventLoop;
  private final NetMetrics metrics;
  private final @Nullable RegionSender sender;
  private final RateLimitedLog failures =
      new RateLimitedLog(log, TimeUnit.SECONDS.toNanos(10), System::nanoTime);
  private final Wakeups wakeups = new Wakeups();
  private final ConnectionList connections = new ConnectionList();
  private final Runnable flushTask = this::flushScheduled;
  private List<Connection> unflushed = new ArrayList<>();
  private List<Connection> spare = new ArrayList<>();
  private boolean inRound;
  private boolean flushIsScheduled;
  private boolean held;

  /**
   * Makes the companion of an event loop.
   *
   * @param sender null where the transport has no descriptors to send on
   */
  NetworkLoop(EventLoop eventLoop, NetMetrics metrics, @Nullable RegionSender sender) {
    this.eventLoop = eventLoop;
    this.metrics = metrics;
    this.sender = sender;
  }

  @Override
  public boolean isCurrentThread() {
    return eventLoop.inEventLoop();
  }

  @Override
  public void execute(Runnable task) {
    executeOrElse(task, () -> {});
  }

  /** Runs the task on the loop, or the other one here if the loop has ended. */
  void executeOrElse(Runnable task, Runnable whenEnded) {
    try {
      eventLoop.execute(() -> runGuarded(task));
    } catch (RejectedExecutionException ended) {
      whenEnded.run();
    }
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    try {
      ScheduledFuture<?> scheduled =
          eventLoop.schedule(() -> runGuarded(task), delayMs, TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException ended) {
      return () -> {};
    }
  }

  /** Looks after idle and stalled connections from now on, each time so long after the last. */
  void sweepEvery(long periodMs) {
    ScheduledFuture<?> _ =
        eventLoop.scheduleWithFixedDelay(
            () -> runGuarded(this::sweep), periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    long nowNs = System.nanoTime();
    connections.forEach(connection -> connection.sweep(nowNs));
  }

  /** Whether no request is taken up at present. */
  boolean isHeld() {
    return held;
  }

  /** From here on requests wait in their sockets; what was taken up before goes on. */
  void hold() {
    held = true;
  }

  void goOn() {
    held = false;
    connections.forEach(Connection::resumeReading);
  }

  /** Ends the connections without a request, of those that had time to be read. */
  void endIdle() {
    schedule(READ_MS, () -> connections.forEach(Connection::endIfIdle));
  }

  Wakeups wakeups() {
    return wakeups;
  }

  @Nullable RegionSender sender() {
    return sender;
  }

  ConnectionList connections() {
    return connections;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  /** From here until {@link #finishRound}, answers wait to be flushed together. */
  void startRound() {
    inRound = true;
  }

  /** Answers whoever was woken by what was read, and flushes all answers. */
  void finishRound() {
    runGuarded(wakeups::run);
    inRound = false;
    if (!wakeups.isEmpty()) { // what a failure has left over
      flushSoon();
    }
    flushAll();
  }

  /** Has the connection flushed at the end of the round, or else as soon as the loop is free. */
  void flushLater(Connection connection) {
    unflushed.add(connection);
    flushSoon();
  }

  /**
   * Has wake-ups and flushes done soon after, unless a read round is under way and will do them.
   */
  void flushSoon() {
    if (!inRound && !flushIsScheduled) {
      flushIsScheduled = true;
      eventLoop.execute(flushTask);
    }
  }

  private void flushScheduled() {
    flushIsScheduled = false;
    if (!wakeups.isEmpty()) {
      runGuarded(wakeups::run);
    }
    flushAll();
  }

  private void flushAll() {
    if (unflushed.isEmpty()) {
      return;
    }
    List<Connection> batch = unflushed;
    unflushed = spare;
    spare = batch;
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).flush();
    }
    batch.clear();
  }

  private void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      metrics.taskFailed();
      failures.warn(
          "A task on an event loop failed: cause={} at={}", String.valueOf(e), Causes.place(e));
      log.debug("Stack of the failed task", e);
    }
    if (!wakeups.isEmpty()) {
      flushSoon();
    }
  }
}
