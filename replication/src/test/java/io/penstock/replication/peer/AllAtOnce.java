package io.penstock.replication.peer;

import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Steps that take a second or two each and wait for nobody: a thread for each. */
public final class AllAtOnce {

  private AllAtOnce() {}

  /** Returns when all have ended; fails where one has failed. */
  public static void run(Stream<Runnable> steps) {
    CompletableFuture.allOf(
            steps
                .map(step ->
                    CompletableFuture.runAsync(step, task -> Thread.ofPlatform().start(task)))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }
}
