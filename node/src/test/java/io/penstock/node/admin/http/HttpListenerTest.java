package io.penstock.node.admin.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server against clients that behave, and against those that do not. */
@Timeout(120)
class HttpListenerTest {

  private static final String END = "\r\n\r\n";
  private static final long LONG_MS = 600_000;

  /** What the system of a client takes in advance that is not to take much. */
  private static final int SMALL = 4_096;

  private final Served served = new Served();

  @AfterEach
  void close() throws Exception {
    served.close();
  }

  @Test
  void answersOneRequestAfterAnotherOnOneConnection() throws Exception {
    serve(patient());
    RawClient client = served.client();

    for (int i = 0; i < 3; i++) {
      client.send("GET /now HTTP/1.1" + END);
      String answer = client.readUpTo("now\n");
      assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
      assertTrue(answer.contains("content-length: 4\r\n"), answer);
    }
  }

  @Test
  void sendsALargeAnswerInChunks() throws Exception {
    serve(patient());

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + served.port() + "/large/200"))
                  .version(HttpClient.Version.HTTP_1_1)
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertEquals("x".repeat(200 * Large.PIECE), answer.body());
      assertEquals("chunked", answer.headers().firstValue("transfer-encoding").orElse(""));
    }
  }

  @Test
  void endsTheConnectionBehindALargeAnswerWhereTheClientKnowsNoChunks() throws Exception {
    serve(patient());

    String answer = served.client().send("GET /large/2 HTTP/1.0" + END).readToEnd();

    assertTrue(answer.endsWith(END + "x".repeat(2 * Large.PIECE)), () -> answer.substring(0, 300));
    assertTrue(answer.contains("connection: close"), () -> answer.substring(0, 300));
  }

  @Test
  void closesTheConnectionWhereTheClientWantsThat() throws Exception {
    serve(patient());

    assertTrue(served.client().send("GET /now HTTP/1.0" + END).readToEnd().endsWith("now\n"));
    assertTrue(
        served
            .client()
            .send("GET /now HTTP/1.1\r\nConnection: close" + END)
            .readToEnd()
            .endsWith("now\n"));
  }

  @Test
  void refusesWhatIsNotReading() throws Exception {
    serve(patient());

    for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")) {
      String answer =
          served.client().send(method + " /now HTTP/1.1\r\nContent-Length: 0" + END).readToEnd();
      assertTrue(answer.startsWith("HTTP/1.1 405 "), answer);
      assertTrue(answer.contains("Allow: GET, HEAD"), answer);
    }
  }

  @Test
  void refusesABodyAndSaysSoWhileItIsStillBeingSent() throws Exception {
    serve(patient());
    RawClient client = served.client();

    client.send("GET /now HTTP/1.1\r\nContent-Length: 1000000000" + END);
    client.send("b".repeat(1 << 20));

    String answer = client.readUpTo("here\n");
    assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
    assertTrue(
        served
            .client()
            .send("GET /now HTTP/1.1\r\nTransfer-Encoding: chunked" + END + "5\r\nhello\r\n0" + END)
            .readToEnd()
            .startsWith("HTTP/1.1 413 "));
  }

  @Test
  void aClientThatPostsIsTold() throws Exception {
    serve(patient());

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + served.port() + "/now"))
                  .version(HttpClient.Version.HTTP_1_1)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertEquals(405, answer.statusCode());
    }
  }

  @Test
  void refusesWhatIsTooLongOrNoHttp() throws Exception {
    serve(patient());

    assertStatus(414, "GET /" + "a".repeat(20_000) + " HTTP/1.1" + END);
    assertStatus(431, "GET /now HTTP/1.1\r\nX: " + "a".repeat(20_000) + END);
    assertStatus(431, "GET /now HTTP/1.1\r\n" + "X: y\r\n".repeat(5_000) + "\r\n");
    assertStatus(400, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + END);
    assertStatus(400, "GET http://elsewhere/now HTTP/1.1" + END);
    assertStatus(400, "GET /now HTTP/1.1\r\nContent-Length: x" + END);
    assertStatus(505, "GET /now HTTP/2.0" + END);
    assertTrue(served.metrics.meter("penstock.admin.requests.refused").getCount() >= 7);
  }

  @Test
  void refusesWhoeverAsksForAnotherHost() throws Exception {
    serve(patient());

    assertStatus(421, "GET /now HTTP/1.1\r\nHost: rebound.example:" + served.port() + END);
    assertStatus(421, "GET /large/1 HTTP/1.0\r\nHost: localhost.rebound.example" + END);
    assertStatus(421, "GET /now HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example" + END);
    assertStatus(421, "GET /now HTTP/1.1\r\nHost:" + END);
    assertStatus(
        200, "GET /now HTTP/1.1\r\nConnection: close\r\nHost: LocalHost:" + served.port() + END);
  }

  @Test
  void closesAConnectionOnWhichNoWholeRequestComes() throws Exception {
    serve(new HttpLimits(32, 8, 8_192, 8_192, 200, LONG_MS, LONG_MS, LONG_MS));

    RawClient half = served.client().send("GET /now HTTP/1.1\r\nHost: ");
    RawClient silent = served.client();

    assertTrue(half.isClosedByServer());
    assertTrue(silent.isClosedByServer());
  }

  @Test
  void aByteNowAndThenDoesNotKeepAConnectionOpen() throws Exception {
    serve(new HttpLimits(32, 8, 8_192, 8_192, 300, LONG_MS, LONG_MS, LONG_MS));
    RawClient client = served.client().send("GET /now HTTP/1.1\r\nX: ");

    await()
        .untilAsserted(() -> {
          try {
            client.send("a");
            assertEquals(0, served.connections());
          } catch (IOException closed) {
            assertEquals(0, served.connections());
          }
        });
  }

  @Test
  void closesTheConnectionOfAClientThatDoesNotRead() throws Exception {
    serve(new HttpLimits(32, 8, 8_192, 8_192, LONG_MS, 300, LONG_MS, LONG_MS));

    RawClient slow = served.client(SMALL).send("GET /large/100000 HTTP/1.1" + END);

    await().untilAsserted(() -> assertEquals(1, served.slow()));
    await().untilAsserted(() -> assertEquals(0, served.connections()));
    assertFalse(Large.ended(slow.readToEndOrReset()));
  }

  @Test
  void closesTheConnectionOfAClientThatReadsForTooLong() throws Exception {
    serve(new HttpLimits(32, 8, 8_192, 8_192, LONG_MS, LONG_MS, 400, LONG_MS));

    served.client(SMALL).send("GET /large/100000 HTTP/1.1" + END);

    await().untilAsserted(() -> assertEquals(1, served.slow()));
    await().untilAsserted(() -> assertEquals(0, served.connections()));
  }

  @Test
  void makesNoMoreOfALargeAnswerThanLeaves() throws Exception {
    Paper paper = serve(new HttpLimits(32, 8, 8_192, 8_192, LONG_MS, 500, LONG_MS, LONG_MS));

    served.client(SMALL).send("GET /large/100000 HTTP/1.1" + END);

    await().untilAsserted(() -> assertEquals(1, served.slow()));
    assertTrue(paper.pieces.get() < 1_000, paper.pieces + " pieces made for nobody");
  }

  @Test
  void servesOneRequestAtATimeAndClosesBehindOneThatDidNotWait() throws Exception {
    serve(patient());

    String answers = served.client().send(("GET /large/2 HTTP/1.1" + END).repeat(100)).readToEnd();

    assertEquals(2, answers.split("HTTP/1.1 200", -1).length);
  }

  @Test
  void answersWhatTakesNoTimeWhileAllOthersWait() throws Exception {
    Paper paper = serve(new HttpLimits(32, 2, 8_192, 8_192, LONG_MS, LONG_MS, LONG_MS, LONG_MS));
    RawClient first = served.client().send("GET /stuck HTTP/1.1" + END);
    RawClient second = served.client().send("GET /stuck HTTP/1.1" + END);
    await().untilAsserted(() -> assertEquals(2, paper.stuck.size()));

    String refused = served.client().send("GET /large/1 HTTP/1.0" + END).readToEnd();
    String now = served.client().send("GET /now HTTP/1.0" + END).readToEnd();

    assertTrue(refused.startsWith("HTTP/1.1 503 "), refused);
    assertTrue(refused.contains("Retry-After: 1"), refused);
    assertTrue(now.endsWith("now\n"), now);
    paper.stuck.forEach(each -> each.complete(Page.line(200, "free")));
    assertTrue(first.readUpTo("free\n").startsWith("HTTP/1.1 200"));
    assertTrue(second.readUpTo("free\n").startsWith("HTTP/1.1 200"));
    assertTrue(
        served.client().send("GET /large/1 HTTP/1.0" + END).readToEnd().startsWith("HTTP/1.1 200"));
  }

  @Test
  void aClientThatIsGoneLeavesItsPlaceToOthers() throws Exception {
    Paper paper = serve(new HttpLimits(32, 1, 8_192, 8_192, LONG_MS, LONG_MS, 300, LONG_MS));
    RawClient gone = served.client().send("GET /stuck HTTP/1.1" + END);
    await().untilAsserted(() -> assertEquals(1, paper.stuck.size()));
    gone.close();

    await()
        .untilAsserted(() ->
            assertTrue(
                served
                    .client()
                    .send("GET /large/1 HTTP/1.0" + END)
                    .readToEnd()
                    .startsWith("HTTP/1.1 200")));
  }

  @Test
  void answersThatFailAreToldAsFar() throws Exception {
    serve(patient());

    String refused = served.client().send("GET /failing HTTP/1.0" + END).readToEnd();
    String broken = served.client().send("GET /breaking HTTP/1.1" + END).readToEnd();

    assertTrue(refused.startsWith("HTTP/1.1 500 "), refused);
    assertFalse(refused.contains("secret"), refused);
    assertTrue(broken.startsWith("HTTP/1.1 200 "), broken);
    assertFalse(broken.endsWith("0" + END), "looks as if it were all");
    assertEquals(2, served.metrics.meter("penstock.admin.requests.failed").getCount());
  }

  @Test
  void aThousandConnectionsThatSayNothingKeepNobodyOut() throws Exception {
    serve(patient());

    for (int i = 0; i < 1_000; i++) {
      served.client();
      assertTrue(served.connections() <= 32, served.connections() + " connections");
    }

    assertTrue(served.client().send("GET /now HTTP/1.0" + END).readToEnd().endsWith("now\n"));
    assertTrue(served.gaveWay() >= 900);
  }

  @Test
  void aConnectionThatIsBeingAnsweredDoesNotGiveWay() throws Exception {
    Paper paper = serve(new HttpLimits(2, 8, 8_192, 8_192, LONG_MS, LONG_MS, LONG_MS, LONG_MS));
    RawClient busy = served.client().send("GET /stuck HTTP/1.1" + END);
    RawClient other = served.client().send("GET /stuck HTTP/1.1" + END);
    await().untilAsserted(() -> assertEquals(2, paper.stuck.size()));

    assertTrue(served.client().isClosedByServer());

    paper.stuck.forEach(each -> each.complete(Page.line(200, "free")));
    assertTrue(busy.readUpTo("free\n").startsWith("HTTP/1.1 200"));
    assertTrue(other.readUpTo("free\n").startsWith("HTTP/1.1 200"));
  }

  private static HttpLimits patient() {
    return new HttpLimits(32, 8, 8_192, 8_192, LONG_MS, LONG_MS, LONG_MS, 2_000);
  }

  private Paper serve(HttpLimits limits) throws IOException {
    Paper paper = new Paper();
    served.start(paper, limits);
    return paper;
  }

  private void assertStatus(int status, String request) throws IOException {
    String answer = served.client().send(request).readToEnd();
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  /** So many pieces of the letter x. */
  private static final class Large implements Body {
    private static final int PIECE = 10_000;

    private final Paper paper;
    private int left;

    private Large(Paper paper, int pieces) {
      this.paper = paper;
      this.left = pieces;
    }

    @Override
    public byte[] next() {
      paper.pieces.incrementAndGet();
      return left-- > 0 ? "x".repeat(PIECE).getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    private static boolean ended(String answer) {
      return answer.endsWith("0" + END);
    }
  }

  /** What this server has to say. */
  private static final class Paper implements Pages {
    private final List<CompletableFuture<Page>> stuck = new CopyOnWriteArrayList<>();
    private final AtomicInteger pieces = new AtomicInteger();

    @Override
    public @Nullable Page atOnce(String target) {
      return target.equals("/now") ? Page.line(200, "now") : null;
    }

    @Override
    public CompletionStage<Page> answer(String target, Executor workers) {
      if (target.startsWith("/large/")) {
        int count = Integer.parseInt(target.substring("/large/".length()));
        return CompletableFuture.completedFuture(
            new Page(200, "text/plain", Map.of(), new Large(this, count)));
      }
      if (target.equals("/breaking")) {
        return CompletableFuture.completedFuture(
            new Page(200, "text/plain", Map.of(), new Breaking()));
      }
      if (target.equals("/stuck")) {
        CompletableFuture<Page> later = new CompletableFuture<>();
        stuck.add(later);
        return later;
      }
      throw new IllegalStateException("secret");
    }
  }

  /** Fails in the middle. */
  private static final class Breaking implements Body {
    private int asked;

    @Override
    public byte[] next() throws IOException {
      if (asked++ > 0) {
        throw new IOException("secret");
      }
      return new byte[] {'x'};
    }
  }
}
