package io.penstock.replication.liveness;

/**
 * Who led before, and when the new leader's own broker was answered by it last: a leader that fell
 * silent was silent for the whole election, which therefore counts for its session.
 *
 * @param nodeId -1 where nobody is known
 * @param heardMs by the clock of the {@link LivenessLoop}
 */
public record FormerLeader(int nodeId, long heardMs) {}
