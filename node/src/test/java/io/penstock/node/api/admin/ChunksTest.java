package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.replication.value.ControlUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** How large changes are cut and made. */
class ChunksTest {

  private final List<List<String>> tried = new ArrayList<>();

  @Test
  void cutsWhereACommandWouldBecomeTooLarge() {
    assertEquals(
        List.of(List.of(1L, 2L), List.of(AdminLimits.COMMAND_BYTES * 2L), List.of(3L)),
        Chunks.of(List.of(1L, 2L, AdminLimits.COMMAND_BYTES * 2L, 3L), bytes -> bytes));
  }

  @Test
  void gathersTheResultsOfAllChunks() {
    assertEquals(List.of("a done", "b done", "c done"), run("none"));
    assertEquals(List.of(List.of("a"), List.of("b"), List.of("c")), tried);
  }

  @Test
  void keepsTheResultsThatAreKnownAndTriesNothingAfterAFailure() {
    assertEquals(List.of("a done", "b REQUEST_TIMED_OUT", "c REQUEST_TIMED_OUT"), run("b"));
    assertEquals(List.of(List.of("a"), List.of("b")), tried);
  }

  private List<String> run(String failing) {
    List<List<String>> chunks = Chunks.of(List.of("a", "b", "c"), _ -> AdminLimits.COMMAND_BYTES);
    return Chunks.<String, String>inTurn(
            chunks, chunk -> step(chunk, failing), (item, error) -> item + " " + error)
        .toCompletableFuture()
        .join();
  }

  private CompletionStage<List<String>> step(List<String> chunk, String failing) {
    tried.add(chunk);
    return chunk.contains(failing)
        ? CompletableFuture.failedFuture(new ControlUnavailableException("no leader"))
        : CompletableFuture.completedFuture(chunk.stream().map(item -> item + " done").toList());
  }
}
