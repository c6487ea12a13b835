package io.penstock.cluster.clients;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What members have processed and committed; what comes a second time is a failure. */
final class GroupTourLedger {

  /** One record. */
  record Place(int partition, long offset) {}

  private final Set<Place> committed = ConcurrentHashMap.newKeySet();

  /** These were processed, and the group has taken the commit. */
  void committed(Collection<Place> places) {
    for (Place each : places) {
      if (!committed.add(each)) {
        throw new IllegalStateException("processed twice: " + each);
      }
    }
  }

  int processed() {
    return committed.size();
  }
}
