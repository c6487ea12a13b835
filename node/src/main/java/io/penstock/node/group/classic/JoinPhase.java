package io.penstock.node.group.classic;

/**
 * How long a rebalance waits for members to join. The first one of a group is a fixed time, so that
 * members who are started together come into one generation; each that comes meanwhile extends it.
 * Every other ends when all have joined, and at the latest at its deadline.
 *
 * @param initial whether the group was empty
 * @param leftMs by how much the initial delay may be extended still
 * @param extended whether somebody has come since the last extension
 */
record JoinPhase(long deadlineMs, boolean initial, long leftMs, boolean extended) {

  static JoinPhase ofEmptyGroup(long nowMs, long delayMs, long rebalanceTimeoutMs) {
    return new JoinPhase(nowMs + delayMs, true, Math.max(rebalanceTimeoutMs - delayMs, 0), false);
  }

  static JoinPhase until(long deadlineMs) {
    return new JoinPhase(deadlineMs, false, 0, false);
  }

  JoinPhase withNewMember() {
    return new JoinPhase(deadlineMs, initial, leftMs, true);
  }

  JoinPhase postponed(long byMs) {
    return new JoinPhase(deadlineMs + byMs, initial, leftMs, extended);
  }

  /** Whether it goes on after its deadline, for those who have come of late. */
  boolean goesOn() {
    return initial && extended && leftMs > 0;
  }

  JoinPhase next(long nowMs, long delayMs) {
    long more = Math.min(delayMs, leftMs);
    return new JoinPhase(nowMs + more, true, leftMs - more, false);
  }
}
