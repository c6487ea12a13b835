package io.penstock.client.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames out of bytes that arrive in any pieces. */
class FrameAssemblerTest {

  private static final int FRAME_BYTES_MAX = 1_000;

  private final EmbeddedChannel channel = new EmbeddedChannel(new FrameAssembler(FRAME_BYTES_MAX));

  @Test
  void framesComeOutWhateverThePiecesTheyArriveIn() {
    long seed = 99;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      List<String> sent = new ArrayList<>();
      ByteBuf stream = Unpooled.buffer();
      for (int i = random.nextInt(6); i >= 0; i--) {
        String content = "x".repeat(random.nextInt(50));
        sent.add(content);
        stream.writeInt(content.length()).writeCharSequence(content, StandardCharsets.UTF_8);
      }

      while (stream.isReadable()) {
        int piece = 1 + random.nextInt(Math.min(stream.readableBytes(), 40));
        channel.writeInbound(Unpooled.directBuffer().writeBytes(stream, piece));
      }

      assertEquals(sent, received(), "seed " + seed + " round " + round);
      stream.release();
    }
  }

  @Test
  void frameThatArrivesInPiecesIsOneDirectBuffer() {
    channel.writeInbound(Unpooled.directBuffer().writeInt(4).writeByte('a'));
    channel.writeInbound(Unpooled.directBuffer().writeByte('b').writeShort(0));

    ByteBuf frame = Objects.requireNonNull(channel.<ByteBuf>readInbound());
    assertEquals(1, frame.nioBufferCount());
    assertEquals(true, frame.isDirect());
    frame.release();
  }

  @Test
  @SuppressWarnings("deprecation") // the type is, but nothing else is what a transport asks
  void theRestOfALongFrameIsReadIntoItsPlace() {
    RecvByteBufAllocator.Handle handle = channel.config().getRecvByteBufAllocator().newHandle();
    channel.writeInbound(Unpooled.directBuffer().writeInt(100).writeZero(10));

    ByteBuf place = handle.allocate(channel.alloc());
    assertEquals(90, place.writableBytes());
    channel.writeInbound(place.writeZero(50));
    assertNull(channel.readInbound());
    ByteBuf rest = handle.allocate(channel.alloc());
    assertSame(place, rest);
    channel.writeInbound(rest.writeZero(rest.writableBytes()));

    assertSame(place, channel.readInbound());
    assertEquals(1, place.refCnt());
    place.release();
    ByteBuf next = handle.allocate(channel.alloc());
    assertNotSame(place, next);
    next.release();
  }

  @Test
  void lengthsOutOfBoundsAreRefused() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, FRAME_BYTES_MAX + 1}) {
      EmbeddedChannel each = new EmbeddedChannel(new FrameAssembler(FRAME_BYTES_MAX));
      ByteBuf bytes = Unpooled.directBuffer().writeInt(length);

      assertThrows(BrokerConnectionException.class, () -> each.writeInbound(bytes));

      assertEquals(0, bytes.refCnt());
    }
  }

  @Test
  void unfinishedFrameIsReleasedWithItsConnection() {
    ByteBuf bytes = Unpooled.directBuffer().writeInt(100).writeLong(1);
    channel.writeInbound(bytes);

    channel.finishAndReleaseAll();

    assertEquals(0, bytes.refCnt());
    assertNull(channel.readInbound());
  }

  private List<String> received() {
    List<String> contents = new ArrayList<>();
    for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      contents.add(frame.toString(StandardCharsets.UTF_8));
      frame.release();
    }
    return contents;
  }
}
