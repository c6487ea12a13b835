package io.penstock.replication.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A process of {@link LeadershipWorld} and the log that outlives it. */
final class SimulatedReplica {

  final int id;
  final List<Integer> log = new ArrayList<>();
  boolean alive = true;
  UUID incarnation;
  long brokerEpoch = -1;
  long previousEpoch = -1;
  long watermark;

  /** How far in the cluster's history it sees. */
  int viewed;

  @Nullable LeaderState leading;
  private int starts;

  SimulatedReplica(int id) {
    this.id = id;
    this.incarnation = new UUID(id, 0);
  }

  /** Ends, leaving behind under which epoch it left in order, or -1. */
  void stop(long cleanEpoch) {
    alive = false;
    leading = null;
    brokerEpoch = -1;
    previousEpoch = cleanEpoch;
  }

  void start() {
    alive = true;
    starts++;
    incarnation = new UUID(id, starts);
  }

  void cutTo(int size) {
    log.subList(size, log.size()).clear();
    watermark = Math.min(watermark, size);
  }
}
