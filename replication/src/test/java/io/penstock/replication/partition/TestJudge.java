package io.penstock.replication.partition;

import java.util.HashMap;
import java.util.Map;

/** A judge of who is in sync, as a test says it: the time, who serves, and who is gone. */
final class TestJudge implements IsrJudge {

  static final long LAG_MS = 30_000;

  private final Map<Integer, Long> serving = new HashMap<>();
  private final Map<Integer, Long> goneMs = new HashMap<>();
  long nowMs;

  /** From now on the broker serves under this epoch. */
  TestJudge serve(int nodeId, long brokerEpoch) {
    serving.put(nodeId, brokerEpoch);
    return this;
  }

  void stopServing(int nodeId) {
    serving.remove(nodeId);
  }

  /** The broker was gone at the present time. */
  void lose(int nodeId) {
    goneMs.put(nodeId, nowMs);
  }

  @Override
  public long nowMs() {
    return nowMs;
  }

  @Override
  public long lagTimeMaxMs() {
    return LAG_MS;
  }

  @Override
  public boolean mayJoin(int nodeId, long brokerEpoch) {
    return Long.valueOf(brokerEpoch).equals(serving.get(nodeId));
  }

  @Override
  public boolean isGone(int nodeId, long lastHeardMs) {
    return lastHeardMs <= goneMs.getOrDefault(nodeId, -1L);
  }
}
