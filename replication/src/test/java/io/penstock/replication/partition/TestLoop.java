package io.penstock.replication.partition;

import java.util.ArrayDeque;

/** A loop that is the current thread or not, as told, and runs what it was handed when asked to. */
final class TestLoop implements WakeTarget {

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean current;
  private int handovers;

  static TestLoop here() {
    TestLoop loop = new TestLoop();
    loop.current = true;
    return loop;
  }

  static TestLoop elsewhere() {
    return new TestLoop();
  }

  @Override
  public boolean isCurrentThread() {
    return current;
  }

  @Override
  public void execute(Runnable task) {
    handovers++;
    tasks.add(task);
  }

  int handovers() {
    return handovers;
  }

  void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
