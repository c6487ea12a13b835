package io.penstock.node.api.admin;

import io.penstock.node.api.Cancellable;
import io.penstock.node.api.Loop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** Bounds a wait by a timer of the connection's loop. */
final class Deadline {

  private Deadline() {}

  /** The stage's outcome, or a {@link TimeoutException} if that takes longer than the limit. */
  static <T> CompletableFuture<T> within(CompletionStage<T> stage, Loop loop, long limitMs) {
    CompletableFuture<T> bounded = new CompletableFuture<>();
    CompletableFuture<T> work = stage.toCompletableFuture();
    if (work.isDone()) {
      return work;
    }
    Cancellable timer =
        loop.schedule(limitMs, () -> bounded.completeExceptionally(new TimeoutException()));
    var _ =
        work.whenComplete((value, failure) -> {
          timer.cancel();
          if (failure == null) {
            bounded.complete(value);
          } else {
            bounded.completeExceptionally(failure);
          }
        });
    return bounded;
  }
}
