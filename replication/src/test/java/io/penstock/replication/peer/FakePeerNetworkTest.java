package io.penstock.replication.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the network in memory promises to the tests that use it. */
@Timeout(30)
class FakePeerNetworkTest {

  private final FakePeerNetwork network = new FakePeerNetwork(1);
  private final FakePeerNetwork.Node one = network.add(1);
  private final FakePeerNetwork.Node two = network.add(2);

  @BeforeEach
  void echo() {
    two.handle(
        PeerApi.PROBE,
        (caller, body) -> done(caller.nodeId() + " said " + new String(body, UTF_8)));
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void carriesARequestAndWhoSentIt() throws Exception {
    assertEquals("1 said hello", ask("hello", 10_000).get());
  }

  @Test
  void losesWhatGoesBetweenTwoThatAreCutAndNothingAfterTheyAreHealed() throws Exception {
    network.cut(1, 2);
    assertEquals(PeerException.Kind.TIMEOUT, failure(ask("lost", 20)));

    network.heal();

    assertEquals("1 said hello", ask("hello", 10_000).get());
    assertEquals(1, network.delivered(PeerApi.PROBE));
  }

  @Test
  void holdsWhatGoesToAPausedNodeUntilItResumes() throws Exception {
    network.pause(2);
    assertEquals(PeerException.Kind.TIMEOUT, failure(ask("early", 20)));
    CompletableFuture<String> patient = ask("late", 10_000);
    assertEquals(0, network.delivered(PeerApi.PROBE));

    network.resume(2);

    assertEquals("1 said late", patient.get());
    assertEquals(2, network.delivered(PeerApi.PROBE), "it serves what came meanwhile, too");
  }

  @Test
  void tellsThatAProcessIsGoneToWhoeverWasConnectedWithIt() throws Exception {
    List<PeerCaller> lost = new CopyOnWriteArrayList<>();
    one.watch((peer, _) -> lost.add(peer));
    PeerCaller before = two.caller();
    two.handle(PeerApi.POLL, (_, _) -> new CompletableFuture<>());
    CompletionStage<byte[]> parked = one.ask(two.address(), PeerApi.POLL, new byte[0], 10_000);
    ask("hello", 10_000).get();

    network.refuse(2);

    assertEquals(PeerException.Kind.LOST, failure(parked.toCompletableFuture()));
    assertEquals(PeerException.Kind.REFUSED, failure(ask("hello", 10_000)));
    Awaitility.await().untilAsserted(() -> assertEquals(List.of(before), lost));
    network.accept(2);
    assertNotEquals(before, two.caller());
    assertEquals(PeerException.Kind.UNSUPPORTED, failure(ask("hello", 10_000)));
  }

  @Test
  void refusesWhereNobodyListens() {
    CompletionStage<byte[]> nowhere =
        one.ask(new Address("nowhere", 1), PeerApi.PROBE, new byte[0], 10_000);

    assertEquals(PeerException.Kind.REFUSED, failure(nowhere.toCompletableFuture()));
  }

  @Test
  void passesOnTheMessageOfAHandlerThatFailed() {
    two.handle(
        PeerApi.PROBE,
        (_, _) -> {
          throw new IllegalStateException("no such luck");
        });

    CompletableFuture<String> failed = ask("hello", 10_000);

    assertEquals(PeerException.Kind.FAILED, failure(failed));
    assertTrue(failed.exceptionNow().toString().contains("no such luck"));
  }

  @Test
  void keepsTheOrderOfADirectionWhateverTheDelays() throws Exception {
    network.delay(0, 2_000);
    List<String> seen = new CopyOnWriteArrayList<>();
    two.handle(
        PeerApi.PROBE,
        (_, body) -> {
          seen.add(new String(body, UTF_8));
          return done("");
        });
    List<String> sent = new ArrayList<>();
    CompletableFuture<String> last = new CompletableFuture<>();
    for (int i = 0; i < 50; i++) {
      sent.add("" + i);
      last = ask("" + i, 10_000);
    }
    last.get();

    assertEquals(sent, seen);
  }

  private CompletableFuture<String> ask(String text, long timeoutMs) {
    return one.ask(two.address(), PeerApi.PROBE, text.getBytes(UTF_8), timeoutMs)
        .thenApply(bytes -> new String(bytes, UTF_8))
        .toCompletableFuture();
  }

  private static CompletionStage<byte[]> done(String text) {
    return CompletableFuture.completedFuture(text.getBytes(UTF_8));
  }

  private static PeerException.Kind failure(CompletableFuture<?> stage) {
    ExecutionException thrown =
        assertThrows(ExecutionException.class, () -> stage.get(20, TimeUnit.SECONDS));
    return assertInstanceOf(PeerException.class, thrown.getCause()).kind();
  }
}
