package io.penstock.replication.value;

/**
 * A place in the log of a group: of two nodes that are at the same place, each has applied the same
 * commands. Ordered by index; an index that was committed has one term for ever.
 */
public record Position(long term, long index) implements Comparable<Position> {

  /** Before the first entry. */
  public static final Position NONE = new Position(0, -1);

  @Override
  public int compareTo(Position other) {
    return Long.compare(index, other.index);
  }
}
