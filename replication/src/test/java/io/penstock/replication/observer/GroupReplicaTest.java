package io.penstock.replication.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a node shows of a group, whoever brings it. */
class GroupReplicaTest {

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final GroupReplica<String> replica =
      new GroupReplica<>("", (at, image) -> told.add(at.index() + image));

  @Test
  void showsTheNewestAndNeverGoesBack() {
    assertTrue(replica.offer(new Position(1, 5), "five"));
    assertFalse(replica.offer(new Position(1, 4), "four"));
    assertFalse(replica.offer(new Position(1, 5), "again"));
    assertTrue(replica.offer(new Position(2, 6), "six"));

    assertEquals("six", replica.image());
    assertEquals(new Position(2, 6), replica.told());
    assertEquals(List.of("5five", "6six"), told);
  }

  @Test
  void completesThoseWhoWaitForAnIndexAfterTheListenerWasTold() {
    List<Integer> toldThen = new ArrayList<>();
    CompletableFuture<Void> five = replica.reached(5).toCompletableFuture();
    CompletableFuture<Void> seven = replica.reached(7).toCompletableFuture();
    var _ = five.thenRun(() -> toldThen.add(told.size()));

    replica.offer(new Position(1, 6), "six");

    assertTrue(five.isDone());
    assertEquals(List.of(1), toldThen);
    assertFalse(seven.isDone());
    assertTrue(replica.reached(6).toCompletableFuture().isDone());
  }

  @Test
  void publishesInOrderWhoeverBringsIt() throws Exception {
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(part ->
                Thread.ofPlatform()
                    .start(() -> {
                      for (int i = part; i < 4_000; i += 2) {
                        replica.offer(new Position(1, i), "");
                      }
                    }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    List<Integer> indexes = told.stream().map(Integer::valueOf).toList();
    assertEquals(indexes.stream().sorted().distinct().toList(), indexes);
    assertEquals(3_999, replica.at().index());
  }
}
