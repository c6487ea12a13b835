package io.penstock.node.admin.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: takes a request, sends its answer piece by piece, takes the next. Nothing is read
 * from the socket meanwhile. Every state ends in time, whatever the client does. On the event loop
 * only.
 *
 * <pre>
 * WAITING ──request──► ANSWERING ──sent, and the last──► ENDING ──client closes──► closed
 *    └────────◄──sent───────┘
 * </pre>
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {

  private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

  private enum State {
    WAITING,
    ANSWERING,
    ENDING
  }

  /**
   * What all connections share.
   *
   * @param hosts by which names requests may ask
   * @param workers make answers
   * @param answers so many may be made at a time; it is no matter how long clients read them
   */
  record Services(
      Pages pages,
      HostRule hosts,
      Executor workers,
      HttpLimits limits,
      Semaphore answers,
      OpenConnections open,
      HttpMetrics metrics) {}

  private final Services services;
  private final SocketChannel channel;
  private State state = State.WAITING;
  private @Nullable Future<?> look;
  private long deadlineNs;
  private long answerEndsNs;
  private boolean pieceIsLeaving;
  private long pieceSlowNs;
  private boolean headOnly;
  private boolean keepAlive;
  private boolean holdsPermit;

  HttpConnection(Services services, SocketChannel channel) {
    this.services = services;
    this.channel = channel;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    long lookMs = services.limits().lookMs();
    look =
        channel
            .eventLoop()
            .scheduleWithFixedDelay(this::closeIfOverdue, lookMs, lookMs, TimeUnit.MILLISECONDS);
    await();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    Future<?> timer = look;
    if (timer != null) {
      timer.cancel(false);
    }
    release();
    services.open().remove(this);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (message instanceof HttpRequest request) {
      switch (state) {
        case WAITING -> requested(request);
        // One that did not wait for the answer before: it is to ask again on another connection.
        case ANSWERING -> keepAlive = false;
        case ENDING -> {}
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("A client of the admin port is gone: client={}", channel.remoteAddress(), cause);
    } else {
      services.metrics().failed();
      LOG.warn("A request to the admin port failed: client={}", channel.remoteAddress(), cause);
    }
    close();
  }

  /** Another client needs the place more than this one. */
  void giveWay() {
    services.metrics().gaveWay();
    close();
  }

  /** Whether the client has not taken a piece for a while that is there for it. */
  boolean isSlow() {
    return pieceIsLeaving && System.nanoTime() - pieceSlowNs > 0;
  }

  private void await() {
    state = State.WAITING;
    deadlineNs = in(services.limits().idleMs());
    services.open().idle(this);
    channel.config().setAutoRead(true);
  }

  private void requested(HttpRequest request) {
    services.metrics().request();
    services.open().busy(this);
    state = State.ANSWERING;
    channel.config().setAutoRead(false);
    answerEndsNs = in(services.limits().answerMs());
    deadlineNs = answerEndsNs;
    pieceIsLeaving = false;
    headOnly = request.method().equals(HttpMethod.HEAD);
    HttpVersion version = request.protocolVersion();
    Page refusal = RequestRules.refusal(request, services.hosts());
    keepAlive = refusal == null && HttpUtil.isKeepAlive(request);
    if (refusal != null) {
      services.metrics().refused();
      begin(refusal, version);
      return;
    }
    Page ready = services.pages().atOnce(request.uri());
    if (ready != null) {
      begin(ready, version);
    } else {
      ask(request.uri(), version);
    }
  }

  private void ask(String target, HttpVersion version) {
    if (!services.answers().tryAcquire()) {
      refuseForNow("too many answers are being made", version);
      return;
    }
    holdsPermit = true;
    var _ =
        onWorker(() -> services.pages().answer(target, services.workers()))
            .thenCompose(page -> page)
            .whenComplete((page, failure) -> onLoop(() -> made(page, failure, version)));
  }

  private void made(@Nullable Page page, @Nullable Throwable failure, HttpVersion version) {
    release();
    Page told = page;
    if (told == null) {
      services.metrics().failed();
      LOG.warn("An answer of the admin port could not be made", failure);
      told = Page.line(500, "the answer could not be made; the log says why");
    }
    if (!isAnswering()) {
      return;
    }
    if (services.open().sending(this)) {
      begin(told, version);
    } else {
      refuseForNow("too many answers are on their way", version);
    }
  }

  private void refuseForNow(String reason, HttpVersion version) {
    services.metrics().refused();
    begin(Page.line(503, reason).with("Retry-After", "1"), version);
  }

  private void begin(Page page, HttpVersion version) {
    if (!isAnswering()) {
      return;
    }
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()));
    HttpHeaders headers = response.headers();
    page.headers().forEach((name, value) -> headers.set(name, value));
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("X-Content-Type-Options", "nosniff");
    long length = page.body().length();
    if (length >= 0) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
    } else if (version.equals(HttpVersion.HTTP_1_1)) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      keepAlive = false; // only the end of the connection tells the end of the answer
    }
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!version.isKeepAliveDefault()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    var _ = channel.write(response);
    if (headOnly) {
      sendEnd();
    } else {
      sendNext(page.body());
    }
  }

  private void sendNext(Body body) {
    if (!isAnswering()) {
      return;
    }
    deadlineNs = answerEndsNs;
    pieceIsLeaving = false;
    if (body.length() >= 0) { // it is there already
      send(body, next(body));
      return;
    }
    var _ =
        onWorker(() -> next(body))
            .whenComplete((piece, failure) -> onLoop(() -> sendMade(body, piece, failure)));
  }

  private static byte[] next(Body body) {
    try {
      return body.next();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private void sendMade(Body body, byte @Nullable [] piece, @Nullable Throwable failure) {
    if (piece != null) {
      send(body, piece);
      return;
    }
    // The client sees by the missing end that this is not all.
    services.metrics().failed();
    LOG.warn("An answer of the admin port could not be made to its end", failure);
    close();
  }

  private void send(Body body, byte[] piece) {
    if (!isAnswering()) {
      return;
    }
    if (piece.length == 0) {
      sendEnd();
      return;
    }
    pieceLeaves();
    var _ =
        channel
            .writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)))
            .addListener(sent -> {
              if (sent.isSuccess()) {
                sendNext(body);
              } else {
                close();
              }
            });
  }

  private void sendEnd() {
    pieceLeaves();
    var _ =
        channel
            .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
            .addListener(sent -> {
              if (sent.isSuccess()) {
                sent();
              } else {
                close();
              }
            });
  }

  private void pieceLeaves() {
    deadlineNs = Math.min(answerEndsNs, in(services.limits().pieceMs()));
    pieceSlowNs = in(services.limits().slowMs());
    pieceIsLeaving = true;
  }

  private void sent() {
    if (keepAlive) {
      await();
    } else {
      end();
    }
  }

  /**
   * A socket that is closed with bytes unread takes the answer back that is on its way, so what a
   * refused client still sends is thrown away until it is done, or for a while.
   */
  private void end() {
    state = State.ENDING;
    deadlineNs = in(services.limits().lingerMs());
    services.open().idle(this);
    channel.config().setAutoRead(true);
    var _ = channel.shutdownOutput();
  }

  private boolean isAnswering() {
    return state == State.ANSWERING && channel.isActive();
  }

  private void release() {
    if (holdsPermit) {
      holdsPermit = false;
      services.answers().release();
    }
  }

  private void closeIfOverdue() {
    if (System.nanoTime() - deadlineNs > 0) {
      if (state == State.ANSWERING) {
        services.metrics().slow();
      }
      close();
    }
  }

  private void close() {
    var _ = channel.close();
  }

  private static long in(long ms) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private <T> CompletableFuture<T> onWorker(Supplier<T> task) {
    try {
      return CompletableFuture.supplyAsync(task, services.workers());
    } catch (RejectedExecutionException busyOrClosing) {
      return CompletableFuture.failedFuture(busyOrClosing);
    }
  }

  private void onLoop(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException closing) {
      LOG.debug("The admin port is closed, an answer is not sent");
    }
  }
}
