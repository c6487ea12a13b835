package io.penstock.node.net.receive;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one connection into request frames, each handed to the {@link FrameSink}.
 * Frames that lie whole in a read buffer are slices of it; others collect in a {@link
 * PartialFrame}. When the sink takes no more, or the node's memory is used up, what was read
 * already is held back and reading stops until {@link #resume}. Belongs to the connection's event
 * loop.
 */
public final class RequestDecoder extends ChannelInboundHandlerAdapter {

  /** A slower frame than this many bytes in each period of the sweep counts as standing still. */
  private static final int PROGRESS_BYTES = 16 * 1024;

  private static final int LENGTH_BYTES = 4;

  private final FrameLimiter limiter;
  private final MemoryBudget budget;
  private final FrameSink sink;

  private @Nullable ByteBufAllocator allocator;
  private @Nullable PartialFrame partial;
  private @Nullable ByteBuf held;
  private MemoryBudget.@Nullable Claim heldClaim;
  private int lengthSoFar;
  private int lengthBytesSoFar;
  private boolean awaitsMemory;
  private boolean decoding;
  private boolean closed;

  public RequestDecoder(FrameLimiter limiter, MemoryBudget budget, FrameSink sink) {
    this.limiter = limiter;
    this.budget = budget;
    this.sink = sink;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    allocator = context.alloc();
    context.channel().config().setRecvByteBufAllocator(new FrameReceiver(this));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (closed) {
      bytes.release();
      return;
    }
    sink.readStarts();
    PartialFrame frame = partial;
    if (frame != null && frame.isBufferedIn(bytes)) { // the transport filled it for us
      bytes.release();
      decode(null, null);
      return;
    }
    decode(withHeld(bytes), null);
  }

  /** Where the transport puts what it reads next; the caller owns one reference. */
  ByteBuf nextReadBuffer(ByteBufAllocator readAllocator) {
    PartialFrame frame = partial;
    if (frame != null && held == null && frame.hasRoom()) {
      return frame.buffer().retain();
    }
    int size =
        budget.isTight() ? FrameReceiver.TIGHT_READ_BUFFER_BYTES : FrameReceiver.READ_BUFFER_BYTES;
    return readAllocator.directBuffer(size, size);
  }

  /** Goes on with what was held back, when the sink takes frames again. */
  public void resume() {
    if (!closed && !decoding) {
      decodeHeld();
    }
  }

  /** Whether a frame is unfinished and it is the peer who keeps us waiting. */
  public boolean isMidFrame() {
    return !awaitsMemory && held == null && (partial != null || lengthBytesSoFar > 0);
  }

  /** Whether no further frame can come of what was read. */
  public boolean isExhausted() {
    PartialFrame frame = partial;
    return held == null && !decoding && (frame == null || !frame.isComplete());
  }

  /** Whether an unfinished frame has grown well since this was last asked. */
  public boolean hasProgressed() {
    PartialFrame frame = partial;
    return frame != null && frame.hasProgressed(PROGRESS_BYTES);
  }

  /**
   * How long the peer has been at an unfinished frame, to within the period in which this is asked;
   * our own part in that does not count.
   */
  public long frameAgeNs(long nowNs) {
    PartialFrame frame = partial;
    return frame == null || awaitsMemory ? 0 : frame.ageNs(nowNs);
  }

  /** Bytes that this connection's unfinished frame holds; for tests and gauges. */
  public int bytesHeld() {
    PartialFrame frame = partial;
    ByteBuf bytes = held;
    return (frame == null ? 0 : frame.buffer().capacity())
        + (bytes == null ? 0 : bytes.readableBytes());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    close();
    super.channelInactive(context);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    close();
  }

  private void close() {
    closed = true;
    if (!decoding) {
      releaseAll();
    }
  }

  private void releaseAll() {
    PartialFrame frame = partial;
    partial = null;
    if (frame != null) {
      frame.close();
    }
    ByteBuf bytes = takeHeld();
    if (bytes != null) {
      bytes.release();
    }
  }

  /** What was held back and is held back again is not copied, however often that happens. */
  private void decodeHeld() {
    ByteBuf bytes = held;
    MemoryBudget.Claim claim = heldClaim;
    held = null;
    heldClaim = null;
    decode(bytes, claim);
  }

  /** Takes over the bytes, and the claim that they are held by, if any. */
  private void decode(@Nullable ByteBuf bytes, MemoryBudget.@Nullable Claim claim) {
    boolean keep = false;
    decoding = true;
    try {
      boolean more = true;
      while (more && !closed) {
        more = partial != null ? continuePartial(bytes) : startFrame(bytes);
      }
      if (!closed && bytes != null && bytes.isReadable()) {
        keep = claim != null;
        hold(bytes, claim);
      }
    } finally {
      decoding = false;
      if (bytes != null && !keep) {
        bytes.release();
      }
      if (claim != null && !keep) {
        claim.close();
      }
      if (closed) {
        releaseAll();
      }
    }
    if (!closed) {
      sink.readingWanted(sink.isReady() && !awaitsMemory);
    }
  }

  /** One step with a frame that has begun; false when nothing more can be done now. */
  private boolean continuePartial(@Nullable ByteBuf bytes) {
    PartialFrame frame = partial;
    if (frame == null || awaitsMemory) {
      return false;
    }
    if (bytes != null && frame.hasRoom()) {
      frame.takeFrom(bytes);
    }
    if (!frame.isChecked() && frame.arrived() >= Short.BYTES) {
      frame.setChecked();
      if (!checkLength(frame.length(), frame.apiKey())) {
        return false;
      }
    }
    if (frame.isComplete()) {
      return deliverPartial(frame);
    }
    if (!frame.hasRoom()) {
      int present = bytes == null ? 0 : bytes.readableBytes();
      return makeRoom(frame, present);
    }
    return bytes != null && bytes.isReadable();
  }

  private boolean deliverPartial(PartialFrame frame) {
    if (!sink.isReady()) {
      return false;
    }
    partial = null;
    try {
      sink.frame(frame.take());
    } finally {
      frame.close();
    }
    return true;
  }

  private boolean makeRoom(PartialFrame frame, int present) {
    if (!frame.claimRoom(present)) {
      awaitsMemory = true;
      return false;
    }
    frame.grow();
    return present > 0;
  }

  /** One step at the border of two frames; false when nothing more can be done now. */
  private boolean startFrame(@Nullable ByteBuf bytes) {
    if (bytes == null || !bytes.isReadable() || !sink.isReady() || !readLength(bytes)) {
      return false;
    }
    int length = lengthSoFar;
    lengthSoFar = 0;
    lengthBytesSoFar = 0;
    if (!limiter.isPossible(length)) {
      refuse("frame-length", "length=" + length);
      return false;
    }
    if (bytes.readableBytes() < length) {
      return startPartial(length, bytes);
    }
    if (!checkLength(length, bytes.getShort(bytes.readerIndex()))) {
      return false;
    }
    sink.frame(bytes.readRetainedSlice(length));
    return true;
  }

  private boolean startPartial(int length, ByteBuf bytes) {
    int present = bytes.readableBytes();
    if (present >= Short.BYTES && !checkLength(length, bytes.getShort(bytes.readerIndex()))) {
      return false;
    }
    ByteBufAllocator source = allocator == null ? bytes.alloc() : allocator;
    PartialFrame frame =
        new PartialFrame(source, length, budget.open(() -> sink.execute(this::memoryGranted)));
    if (present >= Short.BYTES) {
      frame.setChecked();
    }
    partial = frame;
    return makeRoom(frame, present);
  }

  private boolean readLength(ByteBuf bytes) {
    while (lengthBytesSoFar < LENGTH_BYTES && bytes.isReadable()) {
      lengthSoFar = lengthSoFar << Byte.SIZE | bytes.readUnsignedByte();
      lengthBytesSoFar++;
    }
    return lengthBytesSoFar == LENGTH_BYTES;
  }

  private boolean checkLength(int length, short apiKey) {
    if (limiter.allows(length, apiKey, sink.awaitsFirstRequest())) {
      return true;
    }
    refuse("frame-length", "length=" + length + " api=" + apiKey);
    return false;
  }

  private void memoryGranted() {
    PartialFrame frame = partial;
    awaitsMemory = false;
    if (closed || frame == null) {
      return;
    }
    frame.grow();
    frame.restartAge();
    decodeHeld();
  }

  /**
   * Keeps a copy of the right size of what cannot be used now, so that the read buffer goes back;
   * what has a claim already is such a copy.
   */
  private void hold(ByteBuf bytes, MemoryBudget.@Nullable Claim earlier) {
    if (earlier != null) {
      held = bytes;
      heldClaim = earlier;
      return;
    }
    int count = bytes.readableBytes();
    MemoryBudget.Claim claim = budget.open(() -> {});
    if (!claim.reserveSpare(count)) {
      claim.close();
      refuse("memory", "no room for " + count + " bytes sent ahead");
      return;
    }
    ByteBufAllocator source = allocator == null ? bytes.alloc() : allocator;
    held = source.directBuffer(count, count).writeBytes(bytes);
    heldClaim = claim;
  }

  private @Nullable ByteBuf takeHeld() {
    ByteBuf bytes = held;
    held = null;
    MemoryBudget.Claim claim = heldClaim;
    heldClaim = null;
    if (claim != null) {
      claim.close();
    }
    return bytes;
  }

  /** What was held back, followed by these bytes; takes both over. */
  private ByteBuf withHeld(ByteBuf bytes) {
    ByteBuf earlier = takeHeld();
    if (earlier == null) {
      return bytes;
    }
    int count = earlier.readableBytes() + bytes.readableBytes();
    ByteBuf joined = bytes.alloc().directBuffer(count, count);
    joined.writeBytes(earlier).writeBytes(bytes);
    earlier.release();
    bytes.release();
    return joined;
  }

  private void refuse(String reason, String detail) {
    closed = true;
    sink.refuse(reason, detail);
  }
}
