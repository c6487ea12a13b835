package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.ReceivedResponse;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One socket to one broker, over which requests are pipelined. Usable from every thread; requests
 * of one thread keep their order. Answers arrive on the connection's event loop: what hangs on them
 * must not block. The number of requests in flight is bounded, and each has a deadline that closes
 * the connection when it passes.
 */
public final class BrokerConnection implements AutoCloseable {

  private final Endpoint endpoint;
  private final ConnectionSettings settings;
  private final Channel channel;
  private final ChannelHandlerContext context;
  private final PendingRequests pending;
  private final ApiVersionRanges versions;
  private final AtomicInteger nextCorrelationId;
  private volatile boolean closedHere;

  BrokerConnection(
      Endpoint endpoint,
      ConnectionSettings settings,
      Channel channel,
      ApiVersionRanges versions,
      int nextCorrelationId) {
    this.endpoint = endpoint;
    this.settings = settings;
    this.channel = channel;
    this.context = channel.pipeline().context(PendingRequests.class);
    this.pending = (PendingRequests) context.handler();
    this.versions = versions;
    this.nextCorrelationId = new AtomicInteger(nextCorrelationId);
  }

  /** Connects and asks the broker what it serves. */
  public static CompletableFuture<BrokerConnection> open(
      ClientTransport transport, Endpoint endpoint, ConnectionSettings settings) {
    return new ConnectionOpener(transport, endpoint, settings).open();
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public ApiVersionRanges versions() {
    return versions;
  }

  public boolean isOpen() {
    return channel.isActive();
  }

  public int inFlight() {
    return pending.inFlight();
  }

  /**
   * Sends a request in the highest version that both sides know. The builder is given that version,
   * for the few requests whose fields depend on it.
   *
   * @return the answer, which whoever receives it closes; fails with {@link
   *     BrokerConnectionException}
   */
  public CompletableFuture<ReceivedResponse> send(
      ApiKeys api, IntFunction<? extends ApiMessage> request) {
    return send(api, request, settings.requestTimeoutMs());
  }

  /** As {@link #send(ApiKeys, IntFunction)}, with a time of its own (a long poll, for example). */
  public CompletableFuture<ReceivedResponse> send(
      ApiKeys api, IntFunction<? extends ApiMessage> request, long timeoutMs) {
    OptionalInt version = versions.highestCommon(api);
    if (version.isEmpty()) {
      return unsupported(api);
    }
    if (!pending.reserve(settings.inFlightMax())) {
      return failed(Kind.BUSY, settings.inFlightMax() + " requests to " + endpoint + " in flight");
    }
    CompletableFuture<ReceivedResponse> answer = new CompletableFuture<>();
    int correlationId = nextCorrelationId.getAndIncrement();
    short chosen = (short) version.getAsInt();
    ByteBuf frame;
    try {
      frame = encode(api, chosen, correlationId, request);
    } catch (RuntimeException e) {
      pending.vacate();
      return CompletableFuture.failedFuture(unsendable(api, chosen, e));
    }
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    PendingRequest waiting = new PendingRequest(api, chosen, correlationId, deadlineNs, answer);
    if (!onLoop(frame, () -> pending.send(context, frame, waiting))) {
      pending.vacate();
      return CompletableFuture.failedFuture(pending.closed(null));
    }
    // The future itself, not a stage behind it: PendingRequests must see a sender that gives up.
    return answer;
  }

  /**
   * Sends a request and hands out the bare message of its answer: for all answers but those with
   * record bytes, which live no longer than the {@link ReceivedResponse}.
   */
  public <T extends ApiMessage> CompletableFuture<T> call(
      ApiKeys api, IntFunction<? extends ApiMessage> request, Class<T> answerType) {
    CompletableFuture<T> result = new CompletableFuture<>();
    // The answer is closed even where nobody waits for the result any more.
    var unused =
        send(api, request)
            .whenComplete((response, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              try (response) {
                result.complete(answerType.cast(response.message()));
              }
            });
    return result;
  }

  /** Sends a request that the broker does not answer (a produce request with {@code acks=0}). */
  public CompletableFuture<Void> sendUnanswered(
      ApiKeys api, IntFunction<? extends ApiMessage> request) {
    OptionalInt version = versions.highestCommon(api);
    if (version.isEmpty()) {
      return unsupported(api);
    }
    short chosen = (short) version.getAsInt();
    ByteBuf frame;
    try {
      frame = encode(api, chosen, nextCorrelationId.getAndIncrement(), request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(unsendable(api, chosen, e));
    }
    return onLoop(frame, () -> pending.write(context, frame))
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(pending.closed(null));
  }

  /** Completes when the connection has ended, for whatever reason. */
  public CompletionStage<Void> closed() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    channel.closeFuture().addListener(done -> closed.complete(null));
    return closed;
  }

  /**
   * Whether it was this side that ended the connection: somebody closed it here, or an answer was
   * late or made no sense. To be asked when it is {@link #closed}.
   */
  public boolean isEndedHere() {
    return closedHere || pending.hasGivenUp();
  }

  @Override
  public void close() {
    closedHere = true;
    var unused = channel.close();
  }

  /** Mostly a field that a broker of this age does not know. */
  private BrokerConnectionException unsendable(ApiKeys api, short version, RuntimeException e) {
    return new BrokerConnectionException(
        Kind.UNSUPPORTED,
        api
            + " version "
            + version
            + ", which "
            + endpoint
            + " serves, cannot say this: "
            + e.getMessage(),
        e);
  }

  private ByteBuf encode(
      ApiKeys api, short version, int correlationId, IntFunction<? extends ApiMessage> request) {
    ApiMessage message = request.apply(version);
    return ApiCodec.encodeRequest(
        api, version, correlationId, settings.clientId(), message, channel.alloc());
  }

  /** False, with the frame released, where the loop has ended. */
  private boolean onLoop(ByteBuf frame, Runnable action) {
    if (channel.eventLoop().inEventLoop()) {
      action.run();
      return true;
    }
    try {
      channel.eventLoop().execute(action);
      return true;
    } catch (RejectedExecutionException e) {
      frame.release();
      return false;
    }
  }

  private <T> CompletableFuture<T> unsupported(ApiKeys api) {
    return failed(
        Kind.UNSUPPORTED,
        endpoint + " does not serve " + api + " in a version that this client knows");
  }

  private static <T> CompletableFuture<T> failed(Kind kind, String message) {
    return CompletableFuture.failedFuture(new BrokerConnectionException(kind, message));
  }
}
