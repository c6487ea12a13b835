package io.penstock.node.net;

import com.codahale.metrics.Timer;
import io.netty.buffer.ByteBuf;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.MalformedRequestException;
import io.penstock.client.wire.RequestFrame;
import io.penstock.client.wire.RequestHead;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ApiHandlers;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes a frame and calls the handler of its API, on the event loop that read it. What the peer
 * does wrong closes its connection, what a handler does wrong is answered as an error where the API
 * can say so; both are counted and logged at a bounded rate. Stateless but for that; shared by all
 * loops.
 */
final class RequestDispatcher {

  private static final Logger log = LoggerFactory.getLogger(RequestDispatcher.class);
  private static final long LOG_PERIOD_NS = TimeUnit.SECONDS.toNanos(10);
  private static final short VERSION_OF_LAST_RESORT = 0;

  private final ApiHandlers handlers;

  /** By the number of an API, for those that have a handler. */
  private final Timer[] timers;

  private final NetMetrics metrics;
  private final RateLimitedLog malformedLog =
      new RateLimitedLog(log, LOG_PERIOD_NS, System::nanoTime);
  private final RateLimitedLog failureLog =
      new RateLimitedLog(log, LOG_PERIOD_NS, System::nanoTime);

  RequestDispatcher(ApiHandlers handlers, NetMetrics metrics) {
    this.handlers = handlers;
    this.metrics = metrics;
    int highest = Arrays.stream(ApiKeys.values()).mapToInt(api -> api.id).max().orElse(0);
    this.timers = new Timer[highest + 1];
    for (ApiHandler handler : handlers.all()) {
      timers[handler.api().id] = metrics.requestTime(handler.api());
    }
  }

  /** Takes over the frame. */
  void dispatch(Connection connection, ByteBuf frame) {
    long startNs = System.nanoTime();
    try {
      RequestHead head = ApiCodec.peekRequest(frame);
      ApiHandler handler = handlers.find(head.apiKey());
      if (handler == null || !serves(handler, head.version())) {
        frame.release();
        answerUnsupported(connection, head, handler, startNs);
        return;
      }
      FrameLimits limits =
          connection.awaitsFirstRequest() && head.apiKey() != ApiKeys.PRODUCE.id
              ? FrameLimits.firstRequests()
              : FrameLimits.requests();
      try (RequestFrame request = ApiCodec.decodeRequest(frame, limits)) {
        connection.noteValidRequest();
        handle(connection, handler, request, startNs);
      }
    } catch (MalformedRequestException e) {
      String reason = e.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
      connection.refuse(reason, String.valueOf(e.getMessage()));
    }
  }

  private static boolean serves(ApiHandler handler, short version) {
    return version >= handler.lowestVersion() && version <= handler.highestVersion();
  }

  private void answerUnsupported(
      Connection connection, RequestHead head, @Nullable ApiHandler handler, long startNs) {
    ApiMessage answer = handler == null ? null : handler.unsupportedVersion(head.version());
    if (handler == null || answer == null) {
      String reason = handler == null ? "unknown-api" : "unsupported-version";
      connection.refuse(reason, "api=" + head.apiKey() + " version=" + head.version());
      return;
    }
    PendingRequest pending =
        new PendingRequest(
            connection,
            handler.api(),
            VERSION_OF_LAST_RESORT,
            head.correlationId(),
            null,
            timers[handler.api().id],
            startNs);
    connection.orderer().add(pending);
    pending.respond(answer);
  }

  private void handle(
      Connection connection, ApiHandler handler, RequestFrame request, long startNs) {
    PendingRequest pending =
        new PendingRequest(connection, request, timers[handler.api().id], startNs);
    connection.orderer().add(pending);
    try {
      handler.handle(pending, request.message());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      noteFailure(connection, pending, e);
      answerFailure(connection, handler, pending, request, e);
    }
  }

  private void answerFailure(
      Connection connection,
      ApiHandler handler,
      PendingRequest pending,
      RequestFrame request,
      Throwable cause) {
    if (pending.isEnded()) {
      return;
    }
    ApiMessage answer;
    try {
      answer = handler.failure(pending, request.message(), cause);
    } catch (RuntimeException e) {
      noteFailure(connection, pending, e);
      answer = null;
    }
    if (answer == null) {
      connection.closeNow();
      return;
    }
    pending.respond(answer);
  }

  /** Counts and logs that a peer sent what cannot be followed. */
  void noteMalformed(Connection connection, String reason, String detail) {
    metrics.malformed(reason);
    malformedLog.warn(
        "Closed a connection for what it sent: peer={} reason={} {}",
        connection.remoteAddress(),
        reason,
        detail);
  }

  void noteClosedByHandler(Connection connection, String reason, String detail) {
    metrics.malformed("by-handler");
    malformedLog.warn(
        "Closed a connection: peer={} reason={} api={}",
        connection.remoteAddress(),
        reason,
        detail);
  }

  /** Counts and logs a failure of our own, in a request or, without one, in its connection. */
  void noteFailure(Connection connection, @Nullable PendingRequest request, Throwable cause) {
    metrics.handlerFailed();
    failureLog.warn(
        "A request failed: peer={} api={} version={} cause={} at={}",
        connection.remoteAddress(),
        request == null ? "none" : request.api().name,
        request == null ? "none" : request.apiVersion(),
        cause.toString(),
        Causes.place(cause));
    log.debug("Stack of the failed request", cause);
  }
}
