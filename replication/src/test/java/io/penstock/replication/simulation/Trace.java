package io.penstock.replication.simulation;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What happened, as a number that two runs of one seed must have in common, and as lines where
 * somebody is going to read them: the last ones only, for a failure is near the end.
 */
final class Trace {

  private static final int LINES_MAX = 200_000;
  private static final long PRIME = 0x100000001b3L;

  private final SimTime time;
  private final @Nullable ArrayDeque<String> lines;
  private long hash = 0xcbf29ce484222325L;

  Trace(SimTime time, boolean readable) {
    this.time = time;
    this.lines = readable ? new ArrayDeque<>() : null;
  }

  /** One event; the names should be constants, so that an unread trace costs nothing. */
  void note(String what, int node, long... values) {
    mix(time.nowUs());
    mix(what.hashCode());
    mix(node);
    for (long value : values) {
      mix(value);
    }
    if (lines != null) {
      StringBuilder line = new StringBuilder(64);
      line.append(time.nowUs()).append(" n").append(node).append(' ').append(what);
      for (long value : values) {
        line.append(' ').append(value);
      }
      add(line.toString());
    }
  }

  /** One event in words, for what is rare. */
  void say(String what) {
    mix(time.nowUs());
    mix(what.hashCode());
    if (lines != null) {
      add(time.nowUs() + " " + what);
    }
  }

  boolean isReadable() {
    return lines != null;
  }

  long hash() {
    return hash;
  }

  String text() {
    return lines == null ? "" : String.join("\n", lines);
  }

  private void add(String line) {
    if (lines != null) {
      if (lines.size() == LINES_MAX) {
        lines.removeFirst();
      }
      lines.add(line);
    }
  }

  private void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }
}
