package io.penstock.node.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Answers requests when something that was begun for them is done, and bounds how long that may
 * take. The answer is made on the request's own loop: one that cannot be made closes the
 * connection, so that no peer waits for an answer that never comes.
 */
public final class LaterAnswer {

  private LaterAnswer() {}

  /** Responds with what is made of the outcome, whichever it is; here and now if it is known. */
  public static <T> void respondWhen(
      RequestContext context,
      CompletionStage<T> outcome,
      Function<T, ? extends ApiMessage> done,
      Function<Throwable, ? extends ApiMessage> failed) {
    var _ =
        outcome.whenComplete((value, failure) ->
            resume(
                context,
                () ->
                    context.respond(
                        failure == null ? done.apply(value) : failed.apply(causeOf(failure)))));
  }

  /** As {@link #respondWhen}; what takes longer than the limit fails with a time-out. */
  public static <T> void respondWithin(
      long limitMs,
      RequestContext context,
      CompletionStage<T> outcome,
      Function<T, ? extends ApiMessage> done,
      Function<Throwable, ? extends ApiMessage> failed) {
    respondWhen(context, within(limitMs, context, outcome), done, failed);
  }

  /** Goes on with a request, from any thread: a step that fails closes its connection. */
  public static void resume(RequestContext context, Runnable step) {
    if (context.loop().isCurrentThread()) {
      context.attempt(step);
    } else {
      context.loop().execute(step);
    }
  }

  /** The stage's outcome, or a {@link TimeoutException} if that takes longer than the limit. */
  public static <T> CompletableFuture<T> within(
      long limitMs, RequestContext context, CompletionStage<T> stage) {
    CompletableFuture<T> work = stage.toCompletableFuture();
    if (work.isDone()) {
      return work;
    }
    CompletableFuture<T> bounded = new CompletableFuture<>();
    Cancellable timer =
        context
            .loop()
            .schedule(limitMs, () -> bounded.completeExceptionally(new TimeoutException()));
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

  private static Throwable causeOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
