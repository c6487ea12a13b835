package io.penstock.replication.simulation;

import io.penstock.replication.observer.Tasks;
import java.util.ArrayList;
import java.util.List;

/**
 * The threads of a simulated process, all in one: what they do is not done once it is killed, and
 * waits while it is stopped. The clock goes on meanwhile.
 */
final class SimProcess implements Tasks {

  private final SimTime time;
  private final List<Runnable> held = new ArrayList<>();
  private boolean paused;
  private boolean killed;

  SimProcess(SimTime time) {
    this.time = time;
  }

  boolean isKilled() {
    return killed;
  }

  boolean isPaused() {
    return paused;
  }

  void pause() {
    paused = true;
  }

  /** Goes on, first with what came meanwhile. */
  void resume() {
    paused = false;
    List<Runnable> due = List.copyOf(held);
    held.clear();
    due.forEach(task -> time.after(0, () -> execute(task)));
  }

  void kill() {
    killed = true;
    held.clear();
  }

  /** Does it now, or when the process goes on, or never. */
  void execute(Runnable task) {
    if (killed) {
      return;
    }
    if (paused) {
      held.add(task);
      return;
    }
    task.run();
  }

  void after(long delayUs, Runnable task) {
    time.after(delayUs, () -> execute(task));
  }

  void every(long intervalUs, Runnable task) {
    after(
        intervalUs,
        () -> {
          task.run();
          every(intervalUs, task);
        });
  }

  @Override
  public void run(Runnable task) {
    after(0, task);
  }

  @Override
  public Handle runAfter(long delayMs, Runnable task) {
    boolean[] cancelled = {false};
    after(
        delayMs * SimTime.MS,
        () -> {
          if (!cancelled[0]) {
            task.run();
          }
        });
    return () -> cancelled[0] = true;
  }

  @Override
  public long nowMs() {
    return time.nowMs();
  }
}
