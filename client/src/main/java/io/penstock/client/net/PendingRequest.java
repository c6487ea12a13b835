package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.ReceivedResponse;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** A request that was sent and has not been answered, and what it takes to read its answer. */
record PendingRequest(
    ApiKeys api,
    short version,
    int correlationId,
    long deadlineNs,
    CompletableFuture<ReceivedResponse> answer) {

  /** Takes over the frame. */
  ReceivedResponse decode(ByteBuf frame, FrameLimits limits) throws MalformedFrameException {
    return ApiCodec.decodeResponse(api, versionOf(frame), frame, limits);
  }

  /**
   * A broker that does not know our version of ApiVersions answers in version 0, as KIP-511 wants
   * it: an error code right behind the correlation id.
   */
  private short versionOf(ByteBuf frame) {
    if (api == ApiKeys.API_VERSIONS && frame.readableBytes() >= Integer.BYTES + Short.BYTES) {
      short error = frame.getShort(frame.readerIndex() + Integer.BYTES);
      return error == Errors.UNSUPPORTED_VERSION.code() ? 0 : version;
    }
    return version;
  }
}
