package io.penstock.node.api.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Local partitions that open when the test says so; until told to hold, at once. */
final class Served implements LocalPartitions {

  private final List<CompletableFuture<Void>> held = new ArrayList<>();
  private boolean holding;

  void hold() {
    holding = true;
  }

  void release() {
    held.forEach(future -> future.complete(null));
  }

  void fail() {
    held.forEach(future -> future.completeExceptionally(new IllegalStateException("no disk")));
  }

  @Override
  public CompletionStage<?> whenServed(UUID topicId, int partitionCount) {
    CompletableFuture<Void> served = new CompletableFuture<>();
    if (holding) {
      held.add(served);
    } else {
      served.complete(null);
    }
    return served;
  }
}
