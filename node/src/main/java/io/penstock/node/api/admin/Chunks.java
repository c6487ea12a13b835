package io.penstock.node.api.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Cuts large changes into commands that one log entry of the control plane can carry. Pure. */
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

  /** Does one chunk after the other and gathers their results; stops at the first failure. */
  static <T, R> CompletionStage<List<R>> inTurn(
      List<List<T>> chunks, Function<List<T>, CompletionStage<List<R>>> step) {
    CompletionStage<List<R>> all = CompletableFuture.completedFuture(List.of());
    for (List<T> chunk : chunks) {
      all = all.thenCompose(done -> step.apply(chunk).thenApply(more -> joined(done, more)));
    }
    return all;
  }

  private static <R> List<R> joined(List<R> first, List<R> second) {
    List<R> joined = new ArrayList<>(first.size() + second.size());
    joined.addAll(first);
    joined.addAll(second);
    return joined;
  }
}
