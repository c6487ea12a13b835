package io.penstock.replication.observer;

import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a group that were applied last on this voter, in order, as far back as their
 * bounds allow. Written by the group's applier thread and read by any; one lock, held for copying
 * references only.
 *
 * <p>Not every index is a command: Raft has entries of its own, so what lies between two commands
 * here is known to be none.
 */
public final class AppliedLog {

  /** How many commands are kept at most. */
  public static final int ENTRIES_MAX = 64 * 1024;

  /** How many bytes of commands are kept at most. */
  public static final long BYTES_MAX = 32L * 1024 * 1024;

  private static final int FIRST_CAPACITY = 64;

  private final int entriesMax;
  private final long bytesMax;
  private @Nullable Entry[] ring = new Entry[FIRST_CAPACITY];
  private int head;
  private int size;
  private long bytes;
  private Position floor = Position.NONE;
  private Position last = Position.NONE;

  public AppliedLog() {
    this(ENTRIES_MAX, BYTES_MAX);
  }

  AppliedLog(int entriesMax, long bytesMax) {
    this.entriesMax = entriesMax;
    this.bytesMax = bytesMax;
  }

  /** A command and its place. The bytes are never changed. */
  @SuppressWarnings("ArrayRecordComponent") // compared as they should be
  public record Entry(Position at, byte[] command) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Entry(Position otherAt, byte[] otherCommand)
          && at.equals(otherAt)
          && Arrays.equals(command, otherCommand);
    }

    @Override
    public int hashCode() {
      return at.hashCode();
    }

    @Override
    public String toString() {
      return at + ":" + command.length + " bytes";
    }
  }

  /** What follows a position. */
  public sealed interface Tail {

    /**
     * The commands that follow; maybe none. Who has them is at {@code upTo}, which is the newest
     * position here unless there is more.
     */
    record Commands(List<Entry> entries, Position upTo) implements Tail {}

    /** It is too old: the commands that follow are no longer kept. */
    record Forgotten() implements Tail {}

    /** It has not been reached here. */
    record Ahead() implements Tail {}

    /** It is not of this history: that index has another term here. */
    record Forked() implements Tail {}
  }

  /** Adds a command that was applied. Its index is higher than all before. */
  public synchronized void append(Position at, byte[] command) {
    if (at.index() <= last.index()) {
      throw new IllegalStateException("applied " + at + " after " + last);
    }
    while (size > 0 && (size == entriesMax || bytes + command.length > bytesMax)) {
      dropOldest();
    }
    if (size == ring.length) {
      grow();
    }
    ring[(head + size) % ring.length] = new Entry(at, command);
    size++;
    bytes += command.length;
    last = at;
  }

  /** An entry was applied that is not a command. */
  public synchronized void skipTo(Position at) {
    if (at.index() > last.index()) {
      last = at;
    }
  }

  /** The image here came from a snapshot: what follows that is kept, nothing before. */
  public synchronized void restart(Position at) {
    Arrays.fill(ring, null);
    head = 0;
    size = 0;
    bytes = 0;
    floor = at;
    last = at;
  }

  /** The newest position here. */
  public synchronized Position last() {
    return last;
  }

  /** Whether somebody at that position, if it is of this history, can go on by commands. */
  public synchronized boolean reachesBackTo(Position at) {
    return at.index() >= floor.index();
  }

  /**
   * What follows a position: as many commands as fit, and one at least.
   *
   * @param have who asks is there
   */
  public synchronized Tail after(Position have, int bytesLimit) {
    if (have.index() > last.index()) {
      return new Tail.Ahead();
    }
    if (have.index() < floor.index()) {
      return new Tail.Forgotten();
    }
    int next = firstAfter(have.index());
    if (!isOfThisHistory(have, next)) {
      return new Tail.Forked();
    }
    List<Entry> entries = new ArrayList<>();
    long taken = 0;
    for (int i = next; i < size; i++) {
      Entry entry = entry(i);
      taken += entry.command().length;
      if (!entries.isEmpty() && taken > bytesLimit) {
        return new Tail.Commands(entries, entries.getLast().at());
      }
      entries.add(entry);
    }
    return new Tail.Commands(entries, last);
  }

  /** Of one index there is one term; between two commands the terms cannot fall. */
  private boolean isOfThisHistory(Position have, int next) {
    Position before = next > 0 ? entry(next - 1).at() : floor;
    if (before.index() == have.index()) {
      return before.term() == have.term();
    }
    if (have.index() == last.index()) {
      return have.term() == last.term();
    }
    Position after = next < size ? entry(next).at() : last;
    return before.term() <= have.term() && have.term() <= after.term();
  }

  /** The number of the first kept entry with a higher index. */
  private int firstAfter(long index) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (entry(middle).at().index() <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private Entry entry(int number) {
    Entry entry = ring[(head + number) % ring.length];
    if (entry == null) {
      throw new IllegalStateException("no entry " + number + " of " + size);
    }
    return entry;
  }

  private void dropOldest() {
    Entry dropped = entry(0);
    ring[head] = null;
    head = (head + 1) % ring.length;
    size--;
    bytes -= dropped.command().length;
    floor = dropped.at();
  }

  private void grow() {
    @Nullable Entry[] larger = new Entry[Math.min(Math.max(entriesMax, 1), ring.length * 2)];
    for (int i = 0; i < size; i++) {
      larger[i] = entry(i);
    }
    ring = larger;
    head = 0;
  }
}
