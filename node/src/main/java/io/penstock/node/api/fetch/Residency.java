package io.penstock.node.api.fetch;

import io.penstock.node.api.Loop;
import io.penstock.storage.log.LogSlice;
import java.util.List;

/** Brings what is to be sent into memory, so that sending it cannot block an event loop. */
@FunctionalInterface
public interface Residency {

  /** Runs the task on the loop when the slices are in memory: at once where they are already. */
  void whenResident(List<LogSlice> slices, Loop loop, Runnable ready);
}
