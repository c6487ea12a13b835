package io.penstock.replication.liveness.message;

import org.jspecify.annotations.Nullable;

/** What a probe of a broker's process found at its address. */
public enum ProbeOutcome {
  /** The process that was looked for. */
  SAME_PROCESS(0, false),
  /** Another process: the one that was looked for is gone. */
  OTHER_PROCESS(1, true),
  /** A host on which nobody listens: the process is gone. */
  REFUSED(2, true),
  /** No host. */
  UNREACHABLE(3, true),
  /** Somebody who hung up. */
  LOST(4, true),
  /** Nothing that tells: no answer in time, or none that could be understood. */
  SILENT(5, false);

  private static final ProbeOutcome[] BY_NUMBER = values();

  private final int number;
  private final boolean tellsOfLoss;

  ProbeOutcome(int number, boolean tellsOfLoss) {
    this.number = number;
    this.tellsOfLoss = tellsOfLoss;
  }

  /** Whether whoever found this could not talk to the process, and not for its being slow. */
  public boolean tellsOfLoss() {
    return tellsOfLoss;
  }

  int number() {
    return number;
  }

  /** Null where this version knows of no such outcome. */
  static @Nullable ProbeOutcome ofNumber(int number) {
    return number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}
