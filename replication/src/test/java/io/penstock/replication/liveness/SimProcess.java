package io.penstock.replication.liveness;

import java.util.ArrayList;
import java.util.List;

/**
 * The threads of a simulated process: what they do is not done once it is killed, and waits while
 * it is stopped. The clock goes on meanwhile, as CLOCK_MONOTONIC does under SIGSTOP.
 */
final class SimProcess implements LivenessLoop {

  private final VirtualTime time;
  private final List<Runnable> held = new ArrayList<>();
  private boolean paused;
  private boolean killed;

  SimProcess(VirtualTime time) {
    this.time = time;
  }

  boolean isPaused() {
    return paused;
  }

  boolean isKilled() {
    return killed;
  }

  boolean isRunning() {
    return !paused && !killed;
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    List<Runnable> due = List.copyOf(held);
    held.clear();
    due.forEach(task -> time.after(0, () -> run(task)));
  }

  void kill() {
    killed = true;
    held.clear();
  }

  /** Does it now, or when the process goes on, or never. */
  void run(Runnable task) {
    if (killed) {
      return;
    }
    if (paused) {
      held.add(task);
      return;
    }
    task.run();
  }

  @Override
  public long nowMs() {
    return time.nowMs();
  }

  @Override
  public void execute(Runnable task) {
    time.after(0, () -> run(task));
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    boolean[] cancelled = new boolean[1];
    Runnable unlessCancelled =
        () -> {
          if (!cancelled[0]) {
            task.run();
          }
        };
    time.after(delayMs, () -> run(unlessCancelled));
    return () -> cancelled[0] = true;
  }
}
