package io.penstock.node.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.HostPort;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port of a node that is no broker, as a client sees it. */
@Timeout(60)
class AdminServerTest {

  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

  private final MetricRegistry metrics = new MetricRegistry();
  private final AtomicReference<Readiness> readiness =
      new AtomicReference<>(new Readiness(List.of()));
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private AdminServer server;

  @BeforeEach
  void open() throws IOException {
    server = AdminServer.open(ANY_PORT, new AdminSources(1, metrics, readiness::get, () -> null));
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void isAliveAndReady() throws Exception {
    server.nodeIsUp();

    HttpResponse<String> live = get("/health/live");
    HttpResponse<String> ready = get("/health/ready");

    assertEquals(200, live.statusCode());
    assertEquals("{\"live\":true}\n", live.body());
    assertEquals(200, ready.statusCode());
    assertEquals("{\"ready\":true,\"reasons\":[]}\n", ready.body());
    assertEquals("application/json", ready.headers().firstValue("content-type").orElse(""));
    assertEquals("no-store", ready.headers().firstValue("cache-control").orElse(""));
  }

  @Test
  void saysWhyItIsNotReady() throws Exception {
    server.nodeIsUp();
    readiness.set(new Readiness(List.of("fenced", "2 partitions being opened")));

    HttpResponse<String> ready = get("/health/ready");

    assertEquals(503, ready.statusCode());
    assertEquals(
        "{\"ready\":false,\"reasons\":[\"fenced\",\"2 partitions being opened\"]}\n", ready.body());
    assertEquals(200, get("/health/live").statusCode());
  }

  @Test
  void isServedWhereTheStartOfTheNodeTakesLong() throws Exception {
    readiness.set(new Readiness(List.of("starting")));

    assertEquals(503, get("/health/ready").statusCode());
  }

  @Test
  void showsMetricsInTheFormatOfPrometheus() throws Exception {
    server.nodeIsUp();
    metrics.meter("penstock.produce.records").mark(12);

    HttpResponse<String> shown = get("/metrics");

    assertEquals(200, shown.statusCode());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        shown.headers().firstValue("content-type").orElse(""));
    PrometheusText text = PrometheusText.parse(shown.body());
    assertEquals(12.0, text.samples().get("penstock_produce_records_total"));
    assertEquals(1.0, text.samples().get("penstock_admin_connections_open"));
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    server.nodeIsUp();

    for (String path : List.of("/health/live", "/metrics", "/nowhere")) {
      HttpResponse<String> head =
          client.send(
              HttpRequest.newBuilder(uri(path)).HEAD().build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(get(path).statusCode(), head.statusCode());
      assertEquals("", head.body());
    }
  }

  @Test
  void knowsNothingElse() throws Exception {
    server.nodeIsUp();

    for (String path :
        List.of(
            "/",
            "/metrics/",
            "/health",
            "/api",
            "/api/groups/",
            "/api/groups/g/h",
            "/%2e%2e/etc/passwd")) {
      assertEquals(404, get(path).statusCode(), path);
    }
  }

  @Test
  void saysThatANodeWithoutABrokerHasNoGroups() throws Exception {
    server.nodeIsUp();

    HttpResponse<String> groups = get("/api/groups");

    assertEquals(503, groups.statusCode());
    assertTrue(groups.body().contains("no broker"), groups.body());
    assertEquals(503, get("/api/groups/g").statusCode());
  }

  @Test
  void onLoopbackItIsNotAskedByTheNameOfSomebodyElsesPage() throws Exception {
    server.nodeIsUp();

    assertEquals("HTTP/1.1 421 Misdirected Request", statusOf("rebound.example"));
    assertEquals("HTTP/1.1 200 OK", statusOf("localhost"));
    assertEquals("HTTP/1.1 200 OK", statusOf(server.address().toString()));
  }

  /** Java's client gives no other host than where it goes to. */
  private String statusOf(String host) throws IOException {
    String request = "GET /health/live HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\n\r\n";
    try (Socket socket = new Socket(server.address().host(), server.address().port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.lines().findFirst().orElse("");
    }
  }

  @Test
  void refusesAnAddressThatIsTaken() {
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                AdminServer.open(
                    server.address(), new AdminSources(1, metrics, readiness::get, () -> null)));

    assertTrue(String.valueOf(refused.getMessage()).contains("admin.address"));
  }

  @Test
  void isClosedBeforeItIsServedAndAfterwards() throws Exception {
    server.close();
    server.close();

    assertThrows(IOException.class, () -> get("/health/live"));
    AdminServer.open(server.address(), new AdminSources(1, metrics, readiness::get, () -> null))
        .close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://" + server.address() + path);
  }
}
