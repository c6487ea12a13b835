package io.penstock.replication.simulation;

import io.penstock.replication.liveness.LivenessLoop;

/** A process as the loop of the parts that look after its cluster. */
record SimLoop(SimProcess process) implements LivenessLoop {

  @Override
  public long nowMs() {
    return process.nowMs();
  }

  @Override
  public void execute(Runnable task) {
    process.run(task);
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    var handle = process.runAfter(delayMs, task);
    return handle::cancel;
  }
}
