package io.penstock.node.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.BrokenRangeException;
import io.penstock.node.api.ConnectionAttachment;
import io.penstock.node.api.ConnectionInfo;
import io.penstock.node.net.receive.FrameSink;
import io.penstock.node.net.receive.RequestDecoder;
import io.penstock.node.net.region.RegionObserver;
import io.penstock.node.net.region.ResponseRegion;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One connection: takes frames from its decoder to the dispatcher, responses through the orderer to
 * the socket, and stops reading while the peer has too much under way. Belongs to its event loop
 * but for what {@link ConnectionInfo} offers.
 */
final class Connection extends ChannelInboundHandlerAdapter
    implements ConnectionInfo, FrameSink, RegionObserver {

  private static final String ANONYMOUS = "User:ANONYMOUS";

  /** Requests of one connection in a row before the loop looks after the others. */
  private static final int FRAMES_PER_TURN_MAX = 512;

  /** How long nothing may move once the peer sends no more: it may be gone for good. */
  private static final long LAST_ANSWERS_STILL_MS = 1_000;

  private final long id;
  private final Channel channel;
  private final NetworkLoop loop;
  private final ListenerContext listener;
  private final ResponseOrderer orderer = new ResponseOrderer();
  private final ResponseEncoder encoder;
  private final RequestDecoder decoder;

  private boolean validRequestSeen;
  private boolean readingPaused;
  private boolean flushQueued;
  private boolean closed;
  private boolean closedByUs;
  private boolean inputEnded;
  private boolean closeQueued;
  private int framesInTurn;
  private long regionBytes;
  private long waitingBytes;
  private long activity;
  private long activityAtSweep;
  private long lastActivityNs;
  private long stalledSinceNs;
  private volatile @Nullable ConnectionAttachment attachment;

  /** Neighbours in the loop's {@link ConnectionList}, which alone uses them. */
  @Nullable Connection previous;

  @Nullable Connection next;

  Connection(long id, Channel channel, NetworkLoop loop, ListenerContext listener) {
    this.id = id;
    this.channel = channel;
    this.loop = loop;
    this.listener = listener;
    this.encoder = new ResponseEncoder(channel, loop.sender(), this);
    this.decoder = new RequestDecoder(listener.settings().frames(), listener.budget(), this);
    this.lastActivityNs = System.nanoTime();
    this.stalledSinceNs = lastActivityNs;
  }

  RequestDecoder decoder() {
    return decoder;
  }

  NetworkLoop loop() {
    return loop;
  }

  ResponseOrderer orderer() {
    return orderer;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public SocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  @Override
  public String listener() {
    return listener.settings().listener();
  }

  @Override
  public String principal() {
    return ANONYMOUS;
  }

  @Override
  public boolean isOpen() {
    return channel.isActive();
  }

  @Override
  public @Nullable ConnectionAttachment attachment() {
    return attachment;
  }

  @Override
  public void attach(ConnectionAttachment attached) {
    attachment = attached;
    if (closed) {
      attached.connectionEnded(closedByUs);
    }
  }

  @Override
  public boolean isReady() {
    ServerSettings.RequestLimits limits = listener.settings().requests();
    return channel.isActive()
        && !closeQueued
        && !loop.isHeld()
        && orderer.size() < limits.inFlightMax()
        && framesInTurn < FRAMES_PER_TURN_MAX
        && regionBytes < limits.regionBytesMax()
        && waitingBytes < limits.bufferBytesMax()
        && channel.isWritable();
  }

  @Override
  public boolean awaitsFirstRequest() {
    return !validRequestSeen;
  }

  /** From now on this connection is granted the full limits. */
  void noteValidRequest() {
    validRequestSeen = true;
  }

  @Override
  public void readStarts() {
    loop.startRound();
  }

  @Override
  public void frame(ByteBuf frame) {
    activity++;
    framesInTurn++;
    if (framesInTurn == FRAMES_PER_TURN_MAX) {
      loop.schedule(0, this::startTurn); // not execute: tasks may go on without a look at sockets
    }
    listener.dispatcher().dispatch(this, frame);
    loop.flushSoon();
  }

  private void startTurn() {
    framesInTurn = 0;
    resumeReading();
  }

  @Override
  public void refuse(String reason, String detail) {
    listener.dispatcher().noteMalformed(this, reason, detail);
    closeNow();
  }

  @Override
  public void readingWanted(boolean wanted) {
    if (wanted == readingPaused) {
      readingPaused = !wanted;
      if (!inputEnded) { // there is nothing to read then, and Netty would close over it
        channel.config().setAutoRead(wanted);
      }
    }
    closeIfAllIsAnswered();
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (framesInTurn < FRAMES_PER_TURN_MAX) {
      framesInTurn = 0;
    }
    loop.finishRound();
  }

  /** Sends a response when it is its turn. */
  void answer(PendingRequest request, ApiMessage response) {
    if (closed) {
      WireRecords.release(response);
      return;
    }
    Object encoded;
    try {
      encoded =
          encoder.encode(request.api(), request.apiVersion(), request.correlationId(), response);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      listener.dispatcher().noteFailure(this, request, e);
      closeNow();
      return;
    }
    if (encoded instanceof ResponseRegion region) {
      regionBytes += region.count();
    } else if (encoded instanceof ByteBuf bytes) {
      waitingBytes += bytes.readableBytes();
    }
    complete(request, encoded);
  }

  /** A task of a request failed, after its handler had returned. */
  void failed(PendingRequest request, Throwable cause) {
    listener.dispatcher().noteFailure(this, request, cause);
    if (!request.isEnded()) {
      closeNow();
    }
  }

  void answerNothing(PendingRequest request) {
    if (!closed) {
      complete(request, null);
    }
  }

  private void complete(PendingRequest request, @Nullable Object encoded) {
    activity++;
    orderer.complete(request, encoded, this::write);
    resumeReading();
    closeIfAllIsAnswered();
  }

  private void write(Object message) {
    if (message instanceof ByteBuf bytes) {
      waitingBytes -= bytes.readableBytes();
    }
    ChannelFuture _ = channel.write(message, channel.voidPromise()); // failures come as exceptions
    if (!flushQueued) {
      flushQueued = true;
      loop.flushLater(this);
    }
  }

  void flush() {
    flushQueued = false;
    if (!closed) {
      channel.flush();
    }
  }

  @Override
  public void regionMoved(long bytes) {
    activity += bytes;
    listener.metrics().sentFromFiles(bytes);
  }

  @Override
  public void regionReleased(long size) {
    regionBytes -= size;
    resumeReading();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    resumeReading();
  }

  /** Takes up requests again, if nothing else is in the way. */
  void resumeReading() {
    if (readingPaused && !closed && isReady()) {
      decoder.resume();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    loop.connections().add(this);
    listener.metrics().opened();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (closed) {
      return;
    }
    closed = true;
    loop.connections().remove(this);
    listener.metrics().closed();
    orderer.abandon();
    ConnectionAttachment attached = attachment;
    if (attached != null) {
      attached.connectionEnded(closedByUs);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException) || cause instanceof BrokenRangeException) {
      listener.dispatcher().noteFailure(this, null, cause);
      closeNow();
      return;
    }
    close();
  }

  /** The peer sends no more, by which it may mean to leave, or only that it has said it all. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
      inputEnded = true;
      closeIfAllIsAnswered();
      closeWhenStill();
    }
  }

  private void closeIfAllIsAnswered() {
    if (inputEnded) {
      closeIfNothingIsOpen();
    }
  }

  /** This node ends the connection if the peer waits for nothing, and has not begun to ask. */
  void endIfIdle() {
    if (!decoder.isMidFrame()) {
      closeIfNothingIsOpen();
      closedByUs |= closeQueued;
    }
  }

  private void closeIfNothingIsOpen() {
    if (!closeQueued && orderer.size() == 0 && decoder.isExhausted()) {
      closeQueued = true;
      ChannelFuture last = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
      ChannelFuture _ = last.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void closeWhenStill() {
    if (!channel.isOpen()) {
      return;
    }
    long before = progress();
    loop.schedule(
        LAST_ANSWERS_STILL_MS,
        () -> {
          if (progress() == before) {
            close();
          }
          closeWhenStill();
        });
  }

  private long progress() {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    long sent = unsent == null ? 0 : unsent.currentProgress() - unsent.totalPendingWriteBytes();
    return activity + sent;
  }

  /** A handler wants the connection closed. */
  void closeFor(String reason, String detail) {
    if (!closed) {
      listener.dispatcher().noteClosedByHandler(this, reason, detail);
      closeNow();
    }
  }

  /** This node ends the connection: sends what is ready as far as the socket takes it first. */
  void closeNow() {
    closedByUs = true;
    close();
  }

  private void close() {
    channel.flush();
    ChannelFuture _ = channel.close();
  }

  /**
   * Called from time to time: closes the connection if it is idle, if a frame stands still, or if
   * it creeps while others wait for the memory that it holds.
   */
  void sweep(long nowNs) {
    boolean moved = activity != activityAtSweep;
    activityAtSweep = activity;
    boolean grown = decoder.hasProgressed();
    if (moved || grown) {
      lastActivityNs = nowNs;
    }
    if (moved || grown || readingPaused || !decoder.isMidFrame()) {
      stalledSinceNs = nowNs;
    }
    long stalledNs = TimeUnit.MILLISECONDS.toNanos(listener.settings().requests().stalledFrameMs());
    boolean hoards = decoder.frameAgeNs(nowNs) > stalledNs && listener.budget().isContended();
    if (hoards || nowNs - stalledSinceNs > stalledNs) {
      listener.metrics().closedStalled();
      closeNow();
      return;
    }
    if (nowNs - lastActivityNs
        > TimeUnit.MILLISECONDS.toNanos(listener.settings().connections().idleMs())) {
      listener.metrics().closedIdle();
      closeNow();
    }
  }

  @Override
  public String toString() {
    return "connection " + id + " from " + channel.remoteAddress();
  }
}
