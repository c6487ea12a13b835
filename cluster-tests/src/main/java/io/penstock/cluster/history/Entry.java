package io.penstock.cluster.history;

import org.jspecify.annotations.Nullable;

/**
 * One record of a log.
 *
 * @param id what its value says, or null where that is no record of the workload
 */
public record Entry(long offset, @Nullable RecordId id) {

  @Override
  public String toString() {
    return "offset " + offset + ": " + (id == null ? "something that nobody wrote" : id);
  }
}
