package io.penstock.node.group;

import java.util.concurrent.ScheduledFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a shard. It comes when the earliest of what it was asked for is due and is to be
 * asked anew then; where that was put off meanwhile it comes too early, which costs less than to
 * set it anew with each heartbeat. On the shard's thread only.
 */
final class ShardTimer {

  private static final long NEVER = Long.MAX_VALUE;

  private final CoordinatorThread thread;
  private final LongSupplier clock;
  private final Runnable task;
  private @Nullable ScheduledFuture<?> coming;
  private long atMs = NEVER;

  ShardTimer(CoordinatorThread thread, LongSupplier clock, Runnable task) {
    this.thread = thread;
    this.clock = clock;
    this.task = task;
  }

  /** Has the task run at this time at the latest; {@link Long#MAX_VALUE} asks for nothing. */
  void comeBy(long deadlineMs) {
    if (atMs <= deadlineMs) {
      return;
    }
    cancel();
    atMs = deadlineMs;
    coming = thread.schedule(Math.max(1, deadlineMs - clock.getAsLong()), this::come);
  }

  private void come() {
    coming = null;
    atMs = NEVER;
    task.run();
  }

  void cancel() {
    if (coming != null) {
      coming.cancel(false);
    }
    coming = null;
    atMs = NEVER;
  }
}
