package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread under everything here: order, bugs in tasks, and its end. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class LivenessThreadTest {

  private final List<Throwable> broken = new CopyOnWriteArrayList<>();
  private final LivenessThread thread = new LivenessThread("liveness-test", broken::add);

  @AfterEach
  void close() {
    thread.close();
  }

  @Test
  void runsTasksInOrderOnOneThread() {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      thread.execute(() -> ran.add(number));
    }
    thread.execute(() -> done.complete(null));

    done.join();

    assertEquals(100, ran.size());
    assertEquals(ran.stream().sorted().toList(), ran);
  }

  @Test
  void tellsOfWhatATaskThrewAndGoesOn() {
    IllegalStateException bug = new IllegalStateException("a bug");
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread.execute(() -> {
      throw bug;
    });
    thread.execute(() -> done.complete(null));

    done.join();

    assertEquals(List.of(bug), broken);
  }

  @Test
  void aCancelledTaskDoesNotRun() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<String> ran = new CopyOnWriteArrayList<>();
    LivenessLoop.Timer timer = thread.after(20, () -> ran.add("cancelled"));
    timer.cancel();
    thread.after(40, () -> done.complete(null));

    done.join();

    assertTrue(ran.isEmpty());
  }

  @Test
  void dropsWhatComesAfterItWasClosed() {
    thread.close();

    thread.execute(() -> {
      throw new IllegalStateException("ran");
    });

    assertTrue(broken.isEmpty());
  }
}
