package io.penstock.storage.compact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Keys and their last offsets in bounded memory. */
class OffsetMapTest {
  private final ByteBuffer key = ByteBuffer.allocateDirect(8);

  private boolean put(OffsetMap map, long number, long offset) {
    key.putLong(0, number);
    return map.put(key, 0, 8, offset);
  }

  private long get(OffsetMap map, long number) {
    key.putLong(0, number);
    return map.get(key, 0, 8);
  }

  @Test
  void remembersWhatAHashMapRemembers() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Map<Long, Long> model = new HashMap<>();
      try (OffsetMap map = new OffsetMap(16 << 20)) {
        for (long offset = 0; offset < 50_000; offset++) {
          long number = random.nextInt(20_000);
          assertTrue(put(map, number, offset), "seed " + seed);
          model.put(number, offset);
        }
        assertEquals(model.size(), map.size(), "seed " + seed);
        for (long number = 0; number < 21_000; number++) {
          assertEquals(model.getOrDefault(number, -1L), get(map, number), "seed " + seed);
        }
      }
    }
  }

  @Test
  void remembersTheLastOffsetInWhateverOrderItHearsOfThem() {
    try (OffsetMap map = new OffsetMap(1 << 20)) {
      put(map, 1, 7);
      put(map, 1, 5);
      put(map, 2, 0);

      assertEquals(7, get(map, 1));
      assertEquals(0, get(map, 2));
    }
  }

  @Test
  void takesNoMoreThanItsBoundAndSaysWhenItIsFull() {
    long bytesMax = 1 << 20;
    try (OffsetMap map = new OffsetMap(bytesMax)) {
      long number = 0;
      while (put(map, number, number)) {
        number++;
      }
      assertTrue(map.bytes() <= bytesMax);
      assertTrue(number > bytesMax / OffsetMap.ENTRY_BYTES / 2, "keys: " + number);
      assertTrue(put(map, 0, 7_000_000), "a known key needs no room");
      assertEquals(7_000_000, get(map, 0));
      assertFalse(put(map, -1, 1));
      assertEquals(-1, get(map, -1));
    }
  }

  @Test
  void isFullWhereThereIsNoMoreMemoryAndKeepsWhatItHas() {
    long[] left = {400_000};
    OffsetMap.Memory scarce =
        (arena, bytes) -> {
          left[0] -= bytes;
          if (left[0] < 0) {
            throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes");
          }
          return arena.allocate(bytes, Long.BYTES);
        };
    try (OffsetMap map = new OffsetMap(1L << 30, scarce)) {
      long number = 0;
      while (put(map, number, number)) {
        number++;
      }

      assertFalse(put(map, number, number), "asked again");
      assertEquals(number, map.size());
      for (long each = 0; each < number; each++) {
        assertEquals(each, get(map, each));
      }
      assertTrue(put(map, 0, 7_000_000), "a known key needs no room");
    }
  }

  @Test
  void beginsSmall() {
    try (OffsetMap map = new OffsetMap(1L << 40)) {
      assertTrue(map.bytes() < 200_000);
    }
  }
}
