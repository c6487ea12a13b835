package io.penstock.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.ReceivedResponse;
import io.penstock.client.wire.RequestFrame;
import io.penstock.client.wire.ResponseFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One request through the node's own codec, as bytes in and bytes out, so that a field which the
 * version does not have fails the test in either direction.
 */
public final class WireExchange {

  private static final FrameLimits LIMITS = FrameLimits.requests();

  private WireExchange() {}

  /** The response to a request that is answered in this round. */
  public static <T extends ApiMessage> T ask(
      DataNode node, ApiHandler handler, int version, ApiMessage request, Class<T> type)
      throws Exception {
    return ask(node.loop, node.context(version), handler, request, type);
  }

  /** The same, of a handler that needs no partitions. */
  public static <T extends ApiMessage> T ask(
      ManualLoop loop,
      RecordedContext context,
      ApiHandler handler,
      ApiMessage request,
      Class<T> type)
      throws Exception {
    short version = context.apiVersion();
    try (RequestFrame frame = overTheWire(handler, version, request)) {
      handler.handle(context, frame.message());
    }
    loop.runRound();
    return overTheWire(handler, version, context.response(ApiMessage.class), type);
  }

  /** What is answered where the handler threw. */
  public static <T extends ApiMessage> T failure(
      DataNode node, ApiHandler handler, int version, ApiMessage request, Class<T> type)
      throws Exception {
    try (RequestFrame frame = overTheWire(handler, (short) version, request)) {
      ApiMessage answer =
          handler.failure(node.context(version), frame.message(), new IllegalStateException());
      if (answer == null) {
        throw new AssertionError("no answer");
      }
      return overTheWire(handler, (short) version, answer, type);
    }
  }

  private static RequestFrame overTheWire(ApiHandler handler, short version, ApiMessage request)
      throws Exception {
    ByteBuf bytes =
        ApiCodec.encodeRequest(
            handler.api(), version, 7, "test", request, UnpooledByteBufAllocator.DEFAULT);
    assertEquals(bytes.readInt(), bytes.readableBytes());
    return ApiCodec.decodeRequest(bytes, LIMITS);
  }

  private static <T extends ApiMessage> T overTheWire(
      ApiHandler handler, short version, ApiMessage response, Class<T> type) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ResponseFrame frame =
        ApiCodec.encodeResponse(
            handler.api(), version, 7, response, UnpooledByteBufAllocator.DEFAULT)) {
      for (ResponseFrame.Part part : frame.parts()) {
        copy(part, bytes);
      }
      assertEquals(frame.size(), bytes.size());
    }
    ByteBuf received = Unpooled.wrappedBuffer(bytes.toByteArray());
    assertEquals(received.readInt(), received.readableBytes());
    // Not closed: records in the message are views of these bytes, which are on the heap.
    ReceivedResponse decoded = ApiCodec.decodeResponse(handler.api(), version, received, LIMITS);
    assertEquals(7, decoded.correlationId());
    return type.cast(decoded.message());
  }

  private static void copy(ResponseFrame.Part part, ByteArrayOutputStream target)
      throws IOException {
    switch (part) {
      case ResponseFrame.Bytes(ByteBuf buffer) ->
          buffer.getBytes(buffer.readerIndex(), target, buffer.readableBytes());
      case ResponseFrame.Range(var range) -> {
        WritableByteChannel channel = Channels.newChannel(target);
        for (long sent = 0; sent < range.size(); ) {
          sent += ((CopyableRange) range).copyTo(sent, range.size() - sent, channel);
        }
      }
    }
  }
}
