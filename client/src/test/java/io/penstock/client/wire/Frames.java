package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;

/** Frames as kafka-clients' own serializer writes them: the reference for the codec's tests. */
final class Frames {

  private Frames() {}

  /** Header and body of a request, without the length field. */
  static byte[] request(ApiKeys api, short version, int correlationId, ApiMessage message) {
    RequestHeaderData header =
        new RequestHeaderData()
            .setRequestApiKey(api.id)
            .setRequestApiVersion(version)
            .setCorrelationId(correlationId)
            .setClientId("c");
    return join(
        MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version)).buffer(),
        MessageUtil.toByteBufferAccessor(message, version).buffer());
  }

  /** Header and body of a response, without the length field. */
  static byte[] response(ApiKeys api, short version, int correlationId, ApiMessage message) {
    ResponseHeaderData header = new ResponseHeaderData().setCorrelationId(correlationId);
    return join(
        MessageUtil.toByteBufferAccessor(header, api.responseHeaderVersion(version)).buffer(),
        MessageUtil.toByteBufferAccessor(message, version).buffer());
  }

  /** The bytes in a direct buffer, as the socket leaves them. */
  static ByteBuf direct(byte[] bytes) {
    return PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
  }

  /** Takes the length field off an encoded frame, checks it, and returns the rest. */
  static byte[] withoutLength(ByteBuf frame) {
    try {
      int length = frame.readInt();
      if (length != frame.readableBytes()) {
        throw new AssertionError(length + " announced, " + frame.readableBytes() + " sent");
      }
      byte[] bytes = new byte[length];
      frame.readBytes(bytes);
      return bytes;
    } finally {
      frame.release();
    }
  }

  private static byte[] join(ByteBuffer header, ByteBuffer body) {
    ByteBuf all = Unpooled.wrappedBuffer(header, body);
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }
}
