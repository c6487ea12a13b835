package io.penstock.node.net.receive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes in, frames out; whatever the cuts, and whatever a peer announces. */
final class RequestDecoderTest {

  private static final int MIB = 1 << 20;
  private static final short PRODUCE = ApiKeys.PRODUCE.id;
  private static final short METADATA = ApiKeys.METADATA.id;

  private final MemoryBudget budget = new MemoryBudget(16L * MIB);
  private final RecordingSink sink = new RecordingSink();
  private final List<ByteBuf> given = new ArrayList<>();
  private final RequestDecoder decoder =
      new RequestDecoder(new FrameLimiter(100 * MIB, MIB, 64 * 1024), budget, sink);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  @AfterEach
  void givesEverythingBack() {
    channel.finishAndReleaseAll();
    assertEquals(0, budget.usedBytes());
    for (ByteBuf buffer : given) {
      assertEquals(0, buffer.refCnt());
    }
  }

  @Test
  void takesAllFramesOfOneRead() {
    byte[][] frames = {frame(PRODUCE, 8), frame(METADATA, 100), frame(PRODUCE, 5000)};

    read(wire(frames));

    assertFrames(frames);
    assertEquals(0, decoder.bytesHeld());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 11, 4099, 70_001})
  void takesFramesCutAnywhere(int cut) {
    byte[][] frames = {frame(PRODUCE, 8), frame(METADATA, 33), frame(PRODUCE, 40_000)};
    byte[] wire = wire(frames);

    for (int at = 0; at < wire.length; at += cut) {
      read(Arrays.copyOfRange(wire, at, Math.min(wire.length, at + cut)));
    }

    assertFrames(frames);
  }

  @Test
  void takesRandomFramesCutAtRandom() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    byte[][] frames = new byte[300][];
    for (int i = 0; i < frames.length; i++) {
      boolean large = random.nextInt(20) == 0;
      frames[i] = frame(PRODUCE, 8 + random.nextInt(large ? 3 * MIB : 3000));
    }
    byte[] wire = wire(frames);

    for (int at = 0; at < wire.length; ) {
      int count = Math.min(wire.length - at, 1 + random.nextInt(200_000));
      readAsTheTransportDoes(wire, at, count);
      at += count;
    }

    assertFrames(frames);
  }

  @Test
  void hasTheTransportFillTheFramesOwnBuffer() {
    byte[] frame = frame(PRODUCE, MIB);
    byte[] wire = wire(frame);
    read(Arrays.copyOf(wire, 200_000));

    ByteBuf target = decoder.nextReadBuffer(PooledByteBufAllocator.DEFAULT);
    int room = target.capacity() - target.writerIndex();
    target.writeBytes(wire, 200_000, room);
    channel.writeInbound(target);

    assertEquals(wire.length - 200_000, room);
    assertFrames(frame);
  }

  @Test
  void growsNoFasterThanWhatArrives() {
    byte[] wire = wire(frame(PRODUCE, 10 * MIB));
    int sent = 12;
    read(Arrays.copyOf(wire, sent));
    assertTrue(decoder.bytesHeld() <= 8 * 1024, "held=" + decoder.bytesHeld());

    while (sent < wire.length) {
      int count = Math.min(100_000, wire.length - sent);
      readAsTheTransportDoes(wire, sent, count);
      sent += count;
      int arrived = sent - 4;
      long most = Math.max(8 * 1024, Math.max(2L * arrived, Math.min(8L * arrived, 2L * MIB)));
      assertTrue(decoder.bytesHeld() <= most, "held=" + decoder.bytesHeld() + " sent=" + sent);
    }

    assertEquals(1, sink.frames.size());
    assertEquals(10 * MIB, sink.frames.get(0).length);
  }

  @Test
  void refusesLengthsThatNoRequestHas() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, 0, 7, 100 * MIB + 1, Integer.MAX_VALUE}) {
      RecordingSink other = new RecordingSink();
      EmbeddedChannel connection =
          new EmbeddedChannel(
              new RequestDecoder(new FrameLimiter(100 * MIB, MIB, 1024), budget, other));

      connection.writeInbound(
          buffer(ByteBuffer.allocate(100).putInt(length).array())); // what follows is ignored
      connection.writeInbound(buffer(wire(frame(PRODUCE, 10))));

      assertEquals(List.of("frame-length"), other.refusals, "length=" + length);
      assertEquals(0, other.frames.size());
      connection.finishAndReleaseAll();
    }
  }

  @Test
  void grantsLargeFramesToProduceOnly() {
    read(ByteBuffer.allocate(6).putInt(2 * MIB).putShort(METADATA).array());

    assertEquals(List.of("frame-length"), sink.refusals);
  }

  @Test
  void findsTheApiOfAFrameWhoseKeyComesLate() {
    read(ByteBuffer.allocate(5).putInt(2 * MIB).put((byte) 0).array());
    assertTrue(sink.refusals.isEmpty());

    read(new byte[] {(byte) METADATA});

    assertEquals(List.of("frame-length"), sink.refusals);
  }

  @Test
  void grantsLittleBeforeTheFirstValidRequest() {
    sink.first = true;

    read(ByteBuffer.allocate(6).putInt(70_000).putShort(METADATA).array());

    assertEquals(List.of("frame-length"), sink.refusals);
  }

  @Test
  void holdsBackWhatTheSinkDoesNotTakeAndGoesOnWhenItDoes() {
    byte[][] frames = {frame(PRODUCE, 10), frame(PRODUCE, 20), frame(PRODUCE, 30)};
    sink.readyFor = 1;
    byte[] wire = wire(frames);
    read(Arrays.copyOf(wire, 50));
    assertEquals(1, sink.frames.size());
    assertFalse(sink.reading);
    read(Arrays.copyOfRange(wire, 50, wire.length));

    sink.readyFor = 1;
    decoder.resume();
    assertEquals(2, sink.frames.size());
    assertFalse(sink.reading);
    sink.readyFor = 5;
    decoder.resume();

    assertFrames(frames);
    assertTrue(sink.reading);
  }

  @Test
  void copiesWhatItHoldsBackOnceHoweverOftenItGoesOn() {
    PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    EmbeddedChannel own = new EmbeddedChannel();
    own.config().setAllocator(allocator);
    FrameLimiter limiter = new FrameLimiter(100 * MIB, MIB, 64 * 1024);
    RequestDecoder tested = new RequestDecoder(limiter, budget, sink);
    own.pipeline().addLast(tested);
    byte[][] frames = new byte[100][];
    Arrays.setAll(frames, i -> frame(PRODUCE, 10 + i));
    sink.readyFor = 1;
    own.writeInbound(Unpooled.wrappedBuffer(wire(frames)));
    long before = allocations(allocator);

    for (int i = 1; i < frames.length; i++) {
      sink.readyFor = 1;
      tested.resume();
    }

    assertFrames(frames);
    assertEquals(before, allocations(allocator));
    assertEquals(0, budget.usedBytes());
    own.finishAndReleaseAll();
  }

  private static long allocations(PooledByteBufAllocator allocator) {
    return allocator.metric().directArenas().stream()
        .mapToLong(PoolArenaMetric::numAllocations)
        .sum();
  }

  @Test
  void waitsForMemoryAndGoesOnWhenThereIsSome() {
    MemoryBudget.Claim first = budget.open(() -> {});
    MemoryBudget.Claim over = budget.open(() -> {});
    first.reserve(14L * MIB);
    over.reserve(4L * MIB); // the one that may go over
    byte[] frame = frame(PRODUCE, MIB);
    byte[] wire = wire(frame);

    read(Arrays.copyOf(wire, 100_000));
    assertFalse(sink.reading);
    assertEquals(1, budget.waitingClaims());
    assertFalse(decoder.isMidFrame());
    first.close();
    sink.runTasks();
    over.close();
    sink.runTasks();

    assertTrue(sink.reading);
    read(Arrays.copyOfRange(wire, 100_000, wire.length));
    assertFrames(frame);
  }

  @Test
  void noticesWhetherAnUnfinishedFrameGrows() {
    byte[] wire = wire(frame(PRODUCE, MIB));
    assertFalse(decoder.isMidFrame());
    read(Arrays.copyOf(wire, 3));
    assertTrue(decoder.isMidFrame());
    read(Arrays.copyOfRange(wire, 3, 100_000));

    assertTrue(decoder.hasProgressed());
    assertFalse(decoder.hasProgressed());
    read(Arrays.copyOfRange(wire, 100_000, 100_001));
    assertFalse(decoder.hasProgressed());
    read(Arrays.copyOfRange(wire, 100_001, 200_000));
    assertTrue(decoder.hasProgressed());
  }

  private void read(byte[] bytes) {
    channel.writeInbound(buffer(bytes));
  }

  /** As the transport reads: into the buffer that the decoder names, as often as that fills up. */
  private void readAsTheTransportDoes(byte[] wire, int from, int count) {
    int at = from;
    while (at < from + count) {
      ByteBuf target = decoder.nextReadBuffer(PooledByteBufAllocator.DEFAULT);
      int step = Math.min(from + count - at, target.capacity() - target.writerIndex());
      target.writeBytes(wire, at, step);
      at += step;
      channel.writeInbound(target);
    }
  }

  private ByteBuf buffer(byte[] bytes) {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    given.add(buffer);
    return buffer;
  }

  private static byte[] frame(short apiKey, int length) {
    byte[] frame = new byte[length];
    new Random(length).nextBytes(frame);
    ByteBuffer.wrap(frame).putShort(apiKey);
    return frame;
  }

  private static byte[] wire(byte[]... frames) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      wire.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
      wire.writeBytes(frame);
    }
    return wire.toByteArray();
  }

  private void assertFrames(byte[]... expected) {
    assertEquals(List.of(), sink.refusals);
    assertEquals(expected.length, sink.frames.size());
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], sink.frames.get(i));
    }
  }
}
