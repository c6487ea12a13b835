package io.penstock.replication.leadership;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The data directories of a broker, by the ids in them. {@code missing} are those that it had
 * before and registered without, while partitions wait for what is in them.
 */
public record BrokerDirectories(List<UUID> present, List<UUID> missing) {

  /** Of a process that did not say which it has. */
  public static final BrokerDirectories UNKNOWN = new BrokerDirectories(List.of(), List.of());

  public BrokerDirectories {
    present = List.copyOf(present);
    missing = List.copyOf(missing);
  }

  /** After a registration that names these; one that names none says nothing of them. */
  BrokerDirectories then(List<UUID> named) {
    if (named.isEmpty()) {
      return this;
    }
    List<UUID> without = new ArrayList<>(missing);
    without.addAll(present);
    without.removeAll(named);
    return new BrokerDirectories(named, without);
  }

  /** Whether it had a directory that is not among these. */
  boolean lacks(List<UUID> named) {
    return !named.isEmpty() && !named.containsAll(present);
  }

  BrokerDirectories withoutMissing() {
    return new BrokerDirectories(present, List.of());
  }
}
