package io.penstock.replication.simulation;

import java.util.List;

/** What a {@link Nemesis} may do. */
enum Fault {
  KILL,
  KILL_ALL,
  LOSSY_CRASH,
  WIPE,
  POWER_CUT,
  PAUSE,
  CUT_ONE_WAY,
  ISOLATE,
  CUT_FROM_QUORUM,
  SLOW,
  QUORUM_LEADER_LOST,
  QUORUM_STALLS,
  LATE_IMAGES,
  DELETE_RECORDS,
  CLEAN_RESTART,
  ELECT_PREFERRED,
  FALSE_SUSPICION,
  DISK_FULL,
  DISK_FAILS,
  SESSIONS_FORGOTTEN,

  /** Whoever leads is taken for dead, several times in a row. */
  QUICK_FAILOVERS,

  /**
   * A node crashes again and again as soon as it is back, while its leader hears the quorum badly.
   */
  STUTTER,

  /** A leader whose followers do not reach it crashes while the ISR is about to change. */
  CRASH_IN_SHRINK;

  /** Those that leave something half done for the next one. */
  static final List<Fault> DANGEROUS =
      List.of(
          KILL,
          LOSSY_CRASH,
          POWER_CUT,
          LATE_IMAGES,
          ISOLATE,
          QUICK_FAILOVERS,
          QUICK_FAILOVERS,
          STUTTER,
          STUTTER,
          CRASH_IN_SHRINK);
}
