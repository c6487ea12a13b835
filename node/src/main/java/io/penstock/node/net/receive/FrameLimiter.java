package io.penstock.node.net.receive;

import org.apache.kafka.common.protocol.ApiKeys;

/**
 * How long a request frame may be, by what is known about it. Only Produce carries data; and only
 * Produce may be long before the connection has sent a valid request, because some clients open a
 * connection and produce at once.
 *
 * @param produceBytesMax Kafka's {@code socket.request.max.bytes}
 * @param otherBytesMax any other API
 * @param firstBytesMax any other API, until the connection has sent a valid request
 */
public record FrameLimiter(int produceBytesMax, int otherBytesMax, int firstBytesMax) {

  /** API key, version and correlation id: what every request starts with. */
  static final int FRAME_BYTES_MIN = 8;

  public FrameLimiter {
    if (firstBytesMax < FRAME_BYTES_MIN
        || otherBytesMax < firstBytesMax
        || produceBytesMax < otherBytesMax) {
      throw new IllegalArgumentException("limits have to grow: " + firstBytesMax);
    }
  }

  /** Whether a length can be right for any request at all. */
  boolean isPossible(int length) {
    return length >= FRAME_BYTES_MIN && length <= produceBytesMax;
  }

  /** Whether a length is right for a request of this API. */
  boolean allows(int length, short apiKey, boolean firstRequest) {
    if (apiKey == ApiKeys.PRODUCE.id) {
      return length <= produceBytesMax;
    }
    return length <= (firstRequest ? firstBytesMax : otherBytesMax);
  }
}
