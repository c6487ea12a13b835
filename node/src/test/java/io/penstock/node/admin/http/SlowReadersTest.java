package io.penstock.node.admin.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which answer gives way where more are on their way than may be: two. */
@Timeout(120)
class SlowReadersTest {

  private static final String END = "\r\n\r\n";
  private static final long LONG_MS = 600_000;

  /** Within it nobody is slow who reads at all; a tenth of it is soon over. */
  private static final long PIECE_MS = 20_000;

  /** More than sockets hold. */
  private static final int LARGE = 2_000;

  private static final int PIECE = 10_000;

  private final Served served = new Served();
  private final CountDownLatch pause = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    served.close();
  }

  @Test
  void whoeverDoesNotReadKeepsNobodyElseFromAnAnswer() throws Exception {
    serve(PIECE_MS);
    begun(ask(LARGE));
    begun(ask(LARGE));

    awaitAnswer();

    assertEquals(1, served.gaveWay());
    assertEquals(0, served.slow());
  }

  @Test
  void noMoreAnswersThanAllowedAreOnTheirWay() throws Exception {
    serve(PIECE_MS);
    List<RawClient> slow = new ArrayList<>();

    for (int i = 0; i < 5; i++) {
      await().untilAsserted(() -> slow.add(begunOrClosed()));
    }

    await().untilAsserted(() -> assertEquals(2, served.connections()));
    assertEquals(3, served.gaveWay());
    assertFalse(isWhole(slow.getFirst().readToEndOrReset()));
  }

  @Test
  void nobodyIsCutOffWhileItsPieceHasNotBeenWithItForLong() throws Exception {
    serve(LONG_MS);
    RawClient first = begun(ask(LARGE));
    RawClient second = begun(ask(LARGE));

    RawClient third = ask(LARGE);

    assertEquals("HTTP/1.1 503 Service Unavailable\r\n", third.readUpTo("\r\n"));
    String refused = third.readToEnd();
    assertTrue(refused.contains("Retry-After: 1\r\n"), refused);
    assertTrue(isWhole(first.readToEnd()));
    assertTrue(isWhole(second.readToEnd()));
    assertEquals(0, served.gaveWay());
    assertTrue(isWhole(ask(LARGE).readToEnd()));
  }

  @Test
  void oneThatWaitsForItsAnswerToBeMadeDoesNotGiveWay() throws Exception {
    serve(PIECE_MS);
    RawClient waiting = client().send("GET /pausing HTTP/1.0" + END);
    assertTrue(waiting.readUpTo("paused\n").startsWith("HTTP/1.1 200 "));
    RawClient slow = begun(ask(LARGE));

    awaitAnswer();
    pause.countDown();

    assertTrue(waiting.readToEnd().endsWith("over\n"));
    assertFalse(isWhole(slow.readToEndOrReset()));
    assertEquals(1, served.gaveWay());
  }

  /** Until somebody else has been answered. */
  private void awaitAnswer() {
    await()
        .untilAsserted(() -> {
          try (RawClient client = ask(LARGE)) {
            assertTrue(isWhole(client.readToEnd()));
          }
        });
  }

  private RawClient begunOrClosed() throws IOException {
    RawClient client = ask(LARGE);
    try {
      return begun(client);
    } catch (AssertionError refused) {
      client.close();
      throw refused;
    }
  }

  private static RawClient begun(RawClient client) throws IOException {
    assertEquals("HTTP/1.1 200 OK\r\n", client.readUpTo("\r\n"));
    return client;
  }

  private RawClient ask(int pieces) throws IOException {
    return client().send("GET /" + pieces + " HTTP/1.0" + END);
  }

  private static boolean isWhole(String answer) {
    return answer.length() > LARGE * PIECE;
  }

  /** One that the system takes little in advance for. */
  private RawClient client() throws IOException {
    return served.client(1 << 16);
  }

  private void serve(long pieceMs) throws IOException {
    served.start(
        new Paper(), new HttpLimits(32, 2, 8_192, 8_192, LONG_MS, pieceMs, LONG_MS, LONG_MS));
  }

  /** Has as many pieces to say as it is asked for, or two with a pause between them. */
  private final class Paper implements Pages {

    @Override
    public @Nullable Page atOnce(String target) {
      return null;
    }

    @Override
    public CompletionStage<Page> answer(String target, Executor workers) {
      Body body =
          target.equals("/pausing")
              ? new Pausing()
              : new Large(Integer.parseInt(target, 1, target.length(), 10));
      return CompletableFuture.completedFuture(new Page(200, "text/plain", Map.of(), body));
    }
  }

  private static final class Large implements Body {
    private int left;

    private Large(int pieces) {
      left = pieces;
    }

    @Override
    public byte[] next() {
      return left-- > 0 ? new byte[PIECE] : new byte[0];
    }
  }

  private final class Pausing implements Body {
    private int asked;

    @Override
    public byte[] next() throws IOException {
      return switch (asked++) {
        case 0 -> "paused\n".getBytes(StandardCharsets.UTF_8);
        case 1 -> afterThePause();
        default -> new byte[0];
      };
    }

    private byte[] afterThePause() throws IOException {
      try {
        pause.await();
      } catch (InterruptedException closing) {
        throw new IOException(closing);
      }
      return "over\n".getBytes(StandardCharsets.UTF_8);
    }
  }
}
