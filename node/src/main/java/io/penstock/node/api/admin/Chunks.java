package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.protocol.Errors;

/**
 * Cuts large changes into commands that one log entry of the control plane can carry, and makes
 * them one after the other. Keeps no state.
 */
final class Chunks {

  private Chunks() {}

  /** Runs of items, in order, each run as small as a command has to be or one item long. */
  static <T> List<List<T>> of(List<T> items, ToLongFunction<T> bytes) {
    List<List<T>> chunks = new ArrayList<>();
    List<T> chunk = new ArrayList<>();
    long size = 0;
    for (T item : items) {
      long itemBytes = bytes.applyAsLong(item);
      if (!chunk.isEmpty() && size + itemBytes > AdminLimits.COMMAND_BYTES) {
        chunks.add(chunk);
        chunk = new ArrayList<>();
        size = 0;
      }
      chunk.add(item);
      size += itemBytes;
    }
    if (!chunk.isEmpty()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  /**
   * Does one chunk after the other and gathers their results. The first that fails is the last that
   * is tried: its items, and all after them, get the result that is made of the failure.
   */
  static <T, R> CompletionStage<List<R>> inTurn(
      List<List<T>> chunks,
      Function<List<T>, CompletionStage<List<R>>> step,
      BiFunction<T, Errors, R> unanswered) {
    return new Run<>(chunks, step, unanswered).from(0);
  }

  /** One such sequence; its results grow as chunks are done, one at a time. */
  private record Run<T, R>(
      List<List<T>> chunks,
      Function<List<T>, CompletionStage<List<R>>> step,
      BiFunction<T, Errors, R> unanswered,
      List<R> results) {

    Run(
        List<List<T>> chunks,
        Function<List<T>, CompletionStage<List<R>>> step,
        BiFunction<T, Errors, R> unanswered) {
      this(chunks, step, unanswered, new ArrayList<>());
    }

    CompletionStage<List<R>> from(int index) {
      if (index == chunks.size()) {
        return CompletableFuture.completedFuture(results);
      }
      return step.apply(chunks.get(index))
          .handle((done, failure) -> {
            if (failure == null) {
              results.addAll(done);
              return from(index + 1);
            }
            Errors error = ControlErrors.unanswered(failure);
            for (List<T> rest : chunks.subList(index, chunks.size())) {
              rest.forEach(item -> results.add(unanswered.apply(item, error)));
            }
            return CompletableFuture.<List<R>>completedFuture(results);
          })
          .thenCompose(Function.identity());
    }
  }
}
