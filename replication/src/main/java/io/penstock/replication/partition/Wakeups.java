package io.penstock.replication.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The waiters that the appends and watermark steps of one read round have satisfied. Each event
 * loop has one of these and runs it when it has read what there was to read: waiters of its own are
 * answered there and then, those of any other loop in one task, so that a round wakes each loop at
 * most once. Owned by one thread; not safe for others.
 */
public final class Wakeups {

  private final ArrayDeque<Runnable> here = new ArrayDeque<>();
  private final IdentityHashMap<WakeTarget, List<Runnable>> elsewhere = new IdentityHashMap<>();

  /** Adds a waiter that is to be answered on the target. */
  public void add(WakeTarget target, Runnable waiter) {
    if (target.isCurrentThread()) {
      here.add(waiter);
      return;
    }
    elsewhere.computeIfAbsent(target, _ -> new ArrayList<>()).add(waiter);
  }

  public boolean isEmpty() {
    return here.isEmpty() && elsewhere.isEmpty();
  }

  /**
   * Answers all waiters, also those that are added meanwhile. A waiter that throws does not keep
   * the others from being answered; the first such failure is thrown in the end.
   */
  public void run() {
    @Nullable RuntimeException failure = null;
    while (!isEmpty()) {
      sendElsewhere();
      failure = runAll(here, failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void sendElsewhere() {
    if (elsewhere.isEmpty()) {
      return;
    }
    for (Map.Entry<WakeTarget, List<Runnable>> entry : elsewhere.entrySet()) {
      List<Runnable> waiters = entry.getValue();
      if (waiters.size() == 1) {
        entry.getKey().execute(waiters.getFirst());
      } else {
        entry.getKey().execute(() -> runOrThrow(waiters));
      }
    }
    elsewhere.clear();
  }

  private static void runOrThrow(List<Runnable> waiters) {
    RuntimeException failure = runAll(new ArrayDeque<>(waiters), null);
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable RuntimeException runAll(
      ArrayDeque<Runnable> waiters, @Nullable RuntimeException earlier) {
    @Nullable RuntimeException first = earlier;
    for (Runnable waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
      try {
        waiter.run();
      } catch (RuntimeException failure) {
        if (first == null) {
          first = failure;
        } else if (!first.equals(failure)) {
          first.addSuppressed(failure);
        }
      }
    }
    return first;
  }
}
