package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.ReceivedResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that wait for their answers, oldest first: the protocol answers in
 * order. Lives on the loop of the connection. One timer watches all deadlines; one missed deadline
 * ends the connection, since every later answer stands behind the missing one. Whatever ends the
 * connection fails all that is pending.
 */
final class PendingRequests extends ChannelInboundHandlerAdapter {

  private final Endpoint endpoint;
  private final FrameLimits limits;
  private final Deque<PendingRequest> pending = new ArrayDeque<>();

  /** Requests from {@link #reserve} to their answer; the one field that other threads touch. */
  private final AtomicInteger inFlight = new AtomicInteger();

  private @Nullable ScheduledFuture<?> timer;
  private long timerNs;
  private volatile @Nullable BrokerConnectionException ended;

  PendingRequests(Endpoint endpoint, FrameLimits limits) {
    this.endpoint = endpoint;
    this.limits = limits;
  }

  int inFlight() {
    return inFlight.get();
  }

  /** Takes a place for one more request, on any thread; false where all are taken. */
  boolean reserve(int inFlightMax) {
    if (inFlight.incrementAndGet() <= inFlightMax) {
      return true;
    }
    inFlight.decrementAndGet();
    return false;
  }

  /** Gives a place back, before anybody hears of the answer and wants it for the next request. */
  void vacate() {
    inFlight.decrementAndGet();
  }

  /** Sends a request that has a place, and waits for its answer. Takes over the frame. */
  void send(ChannelHandlerContext context, ByteBuf frame, PendingRequest request) {
    BrokerConnectionException cause = ended;
    if (cause != null) {
      frame.release();
      vacate();
      request.answer().completeExceptionally(cause);
      return;
    }
    pending.addLast(request);
    watch(context, request.deadlineNs());
    write(context, frame);
  }

  /** Sends a request that has no answer. Takes over the frame. */
  void write(ChannelHandlerContext context, ByteBuf frame) {
    context
        .writeAndFlush(frame)
        .addListener(written -> {
          if (!written.isSuccess()) {
            end(context, closed(written.cause()));
          }
        });
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf frame = (ByteBuf) message;
    PendingRequest request = pending.pollFirst();
    if (request == null || ended != null) {
      frame.release();
      end(context, malformed("an answer that nobody asked for", null));
      return;
    }
    ReceivedResponse response;
    try {
      response = request.decode(frame, limits);
    } catch (MalformedFrameException e) {
      pending.addFirst(request);
      end(context, malformed("an answer to " + request.api() + ": " + e.getMessage(), e));
      return;
    }
    if (response.correlationId() != request.correlationId()) {
      response.close();
      pending.addFirst(request);
      end(context, malformed("an answer to another request than the oldest", null));
      return;
    }
    vacate();
    // The sender may have given up on it meanwhile: then the answer is ours to close.
    if (!request.answer().complete(response)) {
      response.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(context, closed(null));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(context, cause instanceof BrokerConnectionException e ? e : closed(cause));
  }

  /** Closes the connection and fails all that is pending. Only the first cause counts. */
  void end(ChannelHandlerContext context, BrokerConnectionException cause) {
    if (ended != null) {
      return;
    }
    ended = cause;
    if (timer != null) {
      timer.cancel(false);
    }
    var unused = context.close();
    for (PendingRequest request = pending.poll(); request != null; request = pending.poll()) {
      vacate();
      request.answer().completeExceptionally(cause);
    }
  }

  /** Whether the connection ended because this side wanted no more of it. */
  boolean hasGivenUp() {
    BrokerConnectionException cause = ended;
    return cause != null && cause.kind() != Kind.CLOSED;
  }

  BrokerConnectionException closed(@Nullable Throwable cause) {
    String why = cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
    String message = "the connection to " + endpoint + " was closed" + why;
    return cause == null
        ? new BrokerConnectionException(Kind.CLOSED, message)
        : new BrokerConnectionException(Kind.CLOSED, message, cause);
  }

  private BrokerConnectionException malformed(String what, @Nullable Throwable cause) {
    String message = endpoint + " sent " + what + "; is it a Kafka-protocol port without TLS?";
    return cause == null
        ? new BrokerConnectionException(Kind.MALFORMED, message)
        : new BrokerConnectionException(Kind.MALFORMED, message, cause);
  }

  private void watch(ChannelHandlerContext context, long deadlineNs) {
    if (timer != null && timerNs - deadlineNs <= 0) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerNs = deadlineNs;
    long delayNs = Math.max(0, deadlineNs - System.nanoTime());
    timer =
        context.executor().schedule(() -> checkDeadlines(context), delayNs, TimeUnit.NANOSECONDS);
  }

  private void checkDeadlines(ChannelHandlerContext context) {
    timer = null;
    PendingRequest first = null;
    for (PendingRequest request : pending) {
      if (first == null || request.deadlineNs() - first.deadlineNs() < 0) {
        first = request;
      }
    }
    if (first == null) {
      return;
    }
    if (first.deadlineNs() - System.nanoTime() > 0) {
      watch(context, first.deadlineNs());
      return;
    }
    String message = endpoint + " did not answer " + first.api() + " in time";
    end(context, new BrokerConnectionException(Kind.TIMED_OUT, message));
  }
}
