package io.penstock.replication.partition;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An ack waiter that notes how it was settled, and the order in which several were run. */
final class RecordedAck implements AckWaiter {

  private final WakeTarget home;
  private final String name;
  private final List<String> runs;
  volatile int settled;
  volatile @Nullable Refusal refusal;

  RecordedAck(WakeTarget home, String name, List<String> runs) {
    this.home = home;
    this.name = name;
    this.runs = runs;
  }

  RecordedAck() {
    this(TestLoop.here(), "ack", new CopyOnWriteArrayList<>());
  }

  @Override
  public WakeTarget home() {
    return home;
  }

  @Override
  public void settle(@Nullable Refusal outcome) {
    int before = settled;
    settled = before + 1;
    refusal = outcome;
  }

  @Override
  public void run() {
    runs.add(name);
  }

  int runs() {
    return runs.size();
  }
}
