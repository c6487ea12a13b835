package io.penstock.node.api.admin;

import io.penstock.node.api.Cancellable;
import io.penstock.node.api.Loop;
import java.util.ArrayList;
import java.util.List;

/** A loop whose timers run when the test says so. */
public final class FakeLoop implements Loop {

  private record Timer(long atMs, Runnable task) {}

  private final List<Timer> timers = new ArrayList<>();
  private long nowMs;

  public void advance(long ms) {
    nowMs += ms;
    List<Timer> due = timers.stream().filter(timer -> timer.atMs() <= nowMs).toList();
    timers.removeAll(due);
    due.forEach(timer -> timer.task().run());
  }

  public int timers() {
    return timers.size();
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    Timer timer = new Timer(nowMs + delayMs, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  @Override
  public boolean isCurrentThread() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }
}
