package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.replication.partition.Wakeups;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order a coordinator does what it is given. */
@Timeout(30)
class CoordinatorThreadTest {

  @AutoClose private final CoordinatorThread thread = new CoordinatorThread("coordinator");

  @Test
  void whoWaitedForTheLogComesAfterTheEventThatWokeIt() throws Exception {
    List<String> order = new ArrayList<>();
    CompletableFuture<List<String>> both = new CompletableFuture<>();

    thread.execute(() -> {
      Wakeups wakeups = new Wakeups();
      wakeups.add(
          thread,
          () -> {
            order.add("waiter");
            both.complete(order);
          });
      wakeups.run();
      order.add("event");
    });

    assertEquals(List.of("event", "waiter"), both.get(20, TimeUnit.SECONDS));
  }
}
