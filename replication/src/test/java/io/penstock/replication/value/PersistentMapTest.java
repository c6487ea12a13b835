package io.penstock.replication.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Against a TreeMap, with seeds. */
class PersistentMapTest {

  @Test
  void behavesAsASortedMapAndEveryOlderVersionStaysAsItWas() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      PersistentMap<Integer, String> map = PersistentMap.empty();
      SortedMap<Integer, String> expected = new TreeMap<>();
      List<PersistentMap<Integer, String>> versions = new ArrayList<>();
      List<SortedMap<Integer, String>> copies = new ArrayList<>();
      for (int step = 0; step < 400; step++) {
        int key = random.nextInt(100);
        if (random.nextInt(3) == 0) {
          map = map.without(key);
          expected.remove(key);
        } else {
          map = map.with(key, "v" + step);
          expected.put(key, "v" + step);
        }
        if (step % 40 == 0) {
          versions.add(map);
          copies.add(new TreeMap<>(expected));
        }
      }
      versions.add(map);
      copies.add(expected);
      for (int i = 0; i < versions.size(); i++) {
        assertEquals(copies.get(i), asMap(versions.get(i)), "seed " + seed);
        assertEquals(copies.get(i).size(), versions.get(i).size(), "seed " + seed);
      }
      assertDifferencesAreFound(seed, versions, copies);
    }
  }

  private static void assertDifferencesAreFound(
      long seed,
      List<PersistentMap<Integer, String>> versions,
      List<SortedMap<Integer, String>> copies) {
    for (int i = 0; i < versions.size(); i++) {
      for (int j = 0; j < versions.size(); j++) {
        SortedMap<Integer, String> replayed = new TreeMap<>(copies.get(i));
        List<Integer> visited = new ArrayList<>();
        versions
            .get(j)
            .forEachChange(
                versions.get(i),
                (key, before, after) -> {
                  visited.add(key);
                  assertEquals(before, replayed.get(key), "seed " + seed);
                  if (after == null) {
                    replayed.remove(key);
                  } else {
                    replayed.put(key, after);
                  }
                });
        assertEquals(copies.get(j), replayed, "seed " + seed);
        assertEquals(visited.stream().sorted().distinct().toList(), visited, "seed " + seed);
      }
    }
  }

  @Test
  void findsOneChangeAmongAHundredThousandWithoutLookingAtThemAll() {
    PersistentMap<CountingKey, String> map = PersistentMap.empty();
    AtomicInteger comparisons = new AtomicInteger();
    for (int i = 0; i < 100_000; i++) {
      map = map.with(new CountingKey(i, comparisons), "v");
    }
    PersistentMap<CountingKey, String> changed =
        map.with(new CountingKey(77_777, comparisons), "other");
    comparisons.set(0);
    List<Integer> found = new ArrayList<>();

    changed.forEachChange(map, (key, before, after) -> found.add(key.number));

    assertEquals(List.of(77_777), found);
    assertTrue(comparisons.get() < 100, "comparisons: " + comparisons);
  }

  @Test
  void sharesEverythingWhereNothingChanges() {
    PersistentMap<Integer, String> map = PersistentMap.<Integer, String>empty().with(1, "a");

    assertSame(map, map.mapValues((_, value) -> value));
    assertSame(map, map.without(2));
  }

  @Test
  void mapMadeAtOnceIsTheMapMadeOneByOneAndGoesOnAsOne() {
    for (int size = 0; size < 70; size++) {
      List<Integer> keys = new ArrayList<>();
      List<String> values = new ArrayList<>();
      PersistentMap<Integer, String> one = PersistentMap.empty();
      for (int key = 0; key < size; key++) {
        keys.add(2 * key);
        values.add("v" + key);
        one = one.with(2 * key, "v" + key);
      }
      PersistentMap<Integer, String> atOnce = PersistentMap.ofSorted(keys, values);
      assertEquals(one, atOnce);
      assertEquals(one.size(), atOnce.size());
      assertEquals(asMap(one.with(7, "x").without(2)), asMap(atOnce.with(7, "x").without(2)));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> PersistentMap.ofSorted(List.of(2, 1), List.of("a", "b")));
  }

  @Test
  void mapsValuesOfSomeKeysAndSharesTheRest() {
    Random random = new Random(3);
    PersistentMap<Integer, String> map = PersistentMap.empty();
    for (int i = 0; i < 200; i++) {
      map = map.with(i, "v");
    }
    for (int round = 0; round < 50; round++) {
      List<Integer> keys =
          random.ints(random.nextInt(30), 0, 200).sorted().distinct().boxed().toList();
      List<Integer> found = new ArrayList<>();

      map.mapValuesOf(keys, (_, value) -> value + "!")
          .forEachChange(map, (key, _, _) -> found.add(key));

      assertEquals(keys, found);
    }
    assertSame(map, map.mapValuesOf(List.of(1, 2), (_, value) -> value));
    PersistentMap<Integer, String> full = map;
    assertThrows(
        IllegalArgumentException.class, () -> full.mapValuesOf(List.of(200), (_, value) -> value));
  }

  @Test
  void findsTheNextKey() {
    PersistentMap<Integer, String> map =
        PersistentMap.<Integer, String>empty().with(10, "a").with(20, "b").with(30, "c");

    assertEquals(Map.entry(20, "b"), map.ceilingEntry(11));
    assertEquals(Map.entry(30, "c"), map.ceilingEntry(30));
    assertEquals(null, map.ceilingEntry(31));
  }

  private static SortedMap<Integer, String> asMap(PersistentMap<Integer, String> map) {
    SortedMap<Integer, String> copy = new TreeMap<>();
    int last = Integer.MIN_VALUE;
    for (Map.Entry<Integer, String> entry : map) {
      assertTrue(entry.getKey() > last);
      last = entry.getKey();
      copy.put(entry.getKey(), entry.getValue());
    }
    return copy;
  }

  private record CountingKey(int number, AtomicInteger comparisons)
      implements Comparable<CountingKey> {
    @Override
    public int compareTo(CountingKey other) {
      comparisons.incrementAndGet();
      return Integer.compare(number, other.number);
    }
  }
}
