package io.penstock.replication.simulation;

/** How a process ends without having been asked to, and what that does to its disk. */
enum Crash {
  /** The process is killed, the machine lives: everything that was written is there. */
  KILLED,
  /** Killed, and what was being written last is there as garbage behind the log. */
  GARBAGE_TAIL,
  /** The machine loses power: nothing is there that was not forced. */
  UNFORCED_LOST,
  /** Of what was not forced there is a prefix of each file. */
  UNFORCED_PREFIX,
  /** Of what was not forced there are some sectors. */
  UNFORCED_SECTORS,
  /** The log ends somewhere in what was not flushed. */
  TORN_TAIL,
  /** A byte of what was not flushed is another one. */
  FLIPPED_BYTE,
  /** The disk is empty. */
  WIPED;

  /** Whether records may be gone that this broker had acknowledged. */
  boolean mayLose(boolean flushed) {
    return switch (this) {
      case KILLED, GARBAGE_TAIL -> false;
      case UNFORCED_LOST, UNFORCED_PREFIX, UNFORCED_SECTORS -> !flushed;
      case TORN_TAIL, FLIPPED_BYTE, WIPED -> true;
    };
  }
}
