package io.penstock.replication.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against an ArrayList, with seeds. */
class PersistentListTest {

  @Test
  void isTheListItWasMadeOf() {
    for (int size : List.of(0, 1, 63, 64, 65, 128, 1_000)) {
      List<Integer> expected = numbers(size);

      PersistentList<Integer> list = PersistentList.copyOf(expected);

      assertEquals(expected, list);
      assertEquals(expected.hashCode(), list.hashCode());
      assertSame(list, PersistentList.copyOf(list));
      assertThrows(IndexOutOfBoundsException.class, () -> list.get(size));
      assertThrows(IndexOutOfBoundsException.class, () -> list.get(-1));
      assertThrows(UnsupportedOperationException.class, () -> list.add(1));
    }
  }

  @Test
  void changesAreFoundAndOlderVersionsStayAsTheyWere() {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      List<Integer> expected = numbers(1 + random.nextInt(300));
      PersistentList<Integer> before = PersistentList.copyOf(expected);
      PersistentList.Editor<Integer> editor = before.edit();
      List<Integer> copy = new ArrayList<>(expected);
      for (int i = random.nextInt(20); i > 0; i--) {
        int index = random.nextInt(expected.size());
        editor.set(index, 1_000 + i);
        expected.set(index, 1_000 + i);
        assertEquals(1_000 + i, editor.get(index));
      }

      PersistentList<Integer> after = editor.list();

      assertEquals(expected, after, "seed " + seed);
      assertEquals(copy, before, "seed " + seed);
      List<Integer> replayed = new ArrayList<>(copy);
      after.forEachChange(before, replayed::set);
      assertEquals(expected, replayed, "seed " + seed);
    }
  }

  @Test
  void placesThatAreNewAreChanges() {
    List<Integer> longer = numbers(150);
    List<Integer> found = new ArrayList<>();

    PersistentList.copyOf(longer)
        .forEachChange(PersistentList.copyOf(longer.subList(0, 70)), (i, _) -> found.add(i));

    assertEquals(numbers(150).subList(70, 150), found);
  }

  private static List<Integer> numbers(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(i);
    }
    return numbers;
  }
}
