package io.penstock.node.net;

import io.netty.channel.Channel;
import io.penstock.client.wire.ApiCodec;
import io.penstock.client.wire.ResponseFrame;
import io.penstock.node.net.region.RegionObserver;
import io.penstock.node.net.region.RegionSender;
import io.penstock.node.net.region.ResponseRegion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a response what its channel can write: one buffer, or one region where it has file
 * ranges. This is the place where an encrypted listener would put buffers in place of regions,
 * since bytes that are to be encrypted have to come into the process. On the connection's loop.
 */
final class ResponseEncoder {

  private final Channel channel;
  private final @Nullable RegionSender sender;
  private final RegionObserver observer;

  ResponseEncoder(Channel channel, @Nullable RegionSender sender, RegionObserver observer) {
    this.channel = channel;
    this.sender = sender;
    this.observer = observer;
  }

  /** Encodes; the file ranges of the response belong to the result, or are released if it fails. */
  Object encode(ApiKeys api, short version, int correlationId, ApiMessage response) {
    ResponseFrame frame =
        ApiCodec.encodeResponse(api, version, correlationId, response, channel.alloc());
    if (frame.isBytesOnly()) {
      return frame.takeBytes();
    }
    return new ResponseRegion(channel, sender, frame, observer);
  }
}
