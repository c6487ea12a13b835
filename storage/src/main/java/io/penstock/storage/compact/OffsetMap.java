package io.penstock.storage.compact;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * The last offset of each key, in memory outside of the heap: an open-addressed table of 128-bit
 * hashes and offsets, 24 bytes each. Begins small and doubles, so that it takes what the keys of a
 * log need and, beside the smaller table it grows out of, never more than its bound. One thread's;
 * closed after each cleaning.
 */
public final class OffsetMap implements AutoCloseable {
  public static final int ENTRY_BYTES = 24;

  /** Holds the keys of the largest usual batch several times over. */
  public static final long BYTES_MIN = 1L << 20;

  private static final double LOAD_MAX = 0.85;
  private static final int FIRST_SLOTS = 1 << 12;
  private static final int SECOND_AT = 8;
  private static final int OFFSET_AT = 16;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Where tables lie; tests give one that runs out. */
  interface Memory {
    MemorySegment allocate(Arena arena, long bytes);
  }

  private final KeyHash hash = new KeyHash(RANDOM.nextLong(), RANDOM.nextLong());
  private final long bytesMax;
  private final Memory memory;
  private Arena arena = Arena.ofConfined();
  private MemorySegment table;
  private long slots;
  private long size;
  private long sizeMax;
  private long latestOffset = -1;

  public OffsetMap(long bytesMax) {
    this(bytesMax, (arena, bytes) -> arena.allocate(bytes, Long.BYTES));
  }

  OffsetMap(long bytesMax, Memory memory) {
    this.bytesMax = bytesMax;
    this.memory = memory;
    this.slots = Math.min(FIRST_SLOTS, bytesMax / ENTRY_BYTES);
    this.table = memory.allocate(arena, slots * ENTRY_BYTES);
    this.sizeMax = (long) (slots * LOAD_MAX);
  }

  /** Notes the offset of a key, unless a later one was noted; false when there is no room. */
  public boolean put(ByteBuffer buffer, int keyAt, int keyBytes, long offset) {
    hash.of(buffer, keyAt, keyBytes);
    long at = find(hash.first(), hash.second());
    if (table.get(LONG, at + OFFSET_AT) == 0) {
      if (size >= sizeMax) {
        if (!grow()) {
          return false;
        }
        at = find(hash.first(), hash.second());
      }
      size++;
      table.set(LONG, at, hash.first());
      table.set(LONG, at + SECOND_AT, hash.second());
    }
    table.set(LONG, at + OFFSET_AT, Math.max(offset + 1, table.get(LONG, at + OFFSET_AT)));
    return true;
  }

  /** The last offset that was noted of a key, or -1. */
  public long get(ByteBuffer buffer, int keyAt, int keyBytes) {
    hash.of(buffer, keyAt, keyBytes);
    return table.get(LONG, find(hash.first(), hash.second()) + OFFSET_AT) - 1;
  }

  /** How many keys. */
  public long size() {
    return size;
  }

  public long bytes() {
    return slots * ENTRY_BYTES;
  }

  /** Everything up to this offset has been noted; -1 in the beginning. */
  public long latestOffset() {
    return latestOffset;
  }

  public void noted(long upTo) {
    latestOffset = upTo;
  }

  /** Where the entry of a key is, or is to be. */
  private long find(long first, long second) {
    long slot = Math.unsignedMultiplyHigh(first, slots);
    while (true) {
      long at = slot * ENTRY_BYTES;
      if (table.get(LONG, at + OFFSET_AT) == 0
          || (table.get(LONG, at) == first && table.get(LONG, at + SECOND_AT) == second)) {
        return at;
      }
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
  }

  /** The last step takes all that is left, where another doubling would not fit beside it. */
  private long nextSlots() {
    long slotsMax = bytesMax / ENTRY_BYTES;
    return 6 * slots > slotsMax ? slotsMax - slots : 2 * slots;
  }

  /** A process that is out of memory outside of the heap has a map that is full; it stays whole. */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives as long as the table in it
  private boolean grow() {
    long grownSlots = nextSlots();
    if (grownSlots <= slots) {
      return false;
    }
    Arena grownArena = Arena.ofConfined();
    MemorySegment grown;
    try {
      grown = memory.allocate(grownArena, grownSlots * ENTRY_BYTES);
    } catch (OutOfMemoryError full) {
      grownArena.close();
      return false;
    }
    MemorySegment old = table;
    long oldSlots = slots;
    Arena oldArena = arena;
    arena = grownArena;
    table = grown;
    slots = grownSlots;
    sizeMax = (long) (slots * LOAD_MAX);
    for (long from = 0; from < oldSlots * ENTRY_BYTES; from += ENTRY_BYTES) {
      if (old.get(LONG, from + OFFSET_AT) != 0) {
        long to = find(old.get(LONG, from), old.get(LONG, from + SECOND_AT));
        MemorySegment.copy(old, from, table, to, ENTRY_BYTES);
      }
    }
    oldArena.close();
    return true;
  }

  @Override
  public void close() {
    arena.close();
  }
}
