package io.penstock.node.admin;

import io.penstock.node.admin.http.Page;
import io.penstock.node.admin.http.Pages;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The table of what the admin port shows. Any thread. */
final class AdminPages implements Pages {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private static final List<String> LIVE = List.of("health", "live");
  private static final List<String> READY = List.of("health", "ready");
  private static final List<String> METRICS = List.of("metrics");
  private static final List<String> GROUPS = List.of("api", "groups");

  private final AdminSources sources;
  private final GroupPages groups;

  AdminPages(AdminSources sources) {
    this.sources = sources;
    this.groups = new GroupPages(sources);
  }

  @Override
  public @Nullable Page atOnce(String target) {
    List<String> path = RequestPath.segments(target);
    if (path == null) {
      return JsonPages.error(400, "BAD_PATH", "this is no path, or not encoded as one");
    }
    if (path.equals(LIVE)) {
      return JsonPages.whole(
          200,
          json -> {
            json.writeStartObject();
            json.writeBooleanField("live", true);
            json.writeEndObject();
          });
    }
    if (path.equals(READY)) {
      return ready(sources.readiness().get());
    }
    return isKnown(path)
        ? null
        : JsonPages.error(
            404,
            "NOT_FOUND",
            "there are /health/live, /health/ready, /metrics, /api/groups, /api/groups/ID");
  }

  @Override
  public CompletionStage<Page> answer(String target, Executor workers) {
    List<String> path = RequestPath.segments(target);
    if (path == null || !isKnown(path)) {
      throw new IllegalArgumentException("was to be answered at once: " + target);
    }
    if (path.equals(METRICS)) {
      return CompletableFuture.completedFuture(
          new Page(200, PROMETHEUS, Map.of(), new MetricsBody(sources.metrics())));
    }
    return path.equals(GROUPS) ? groups.all(workers) : groups.one(path.getLast(), workers);
  }

  private static boolean isKnown(List<String> path) {
    return path.equals(METRICS) || path.equals(GROUPS) || isOneGroup(path);
  }

  private static boolean isOneGroup(List<String> path) {
    return path.size() == GROUPS.size() + 1
        && path.subList(0, GROUPS.size()).equals(GROUPS)
        && !path.getLast().isEmpty();
  }

  private static Page ready(Readiness readiness) {
    return JsonPages.whole(
        readiness.isReady() ? 200 : 503,
        json -> {
          json.writeStartObject();
          json.writeBooleanField("ready", readiness.isReady());
          json.writeArrayFieldStart("reasons");
          for (String reason : readiness.reasons()) {
            json.writeString(reason);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
