package io.penstock.client.net;

import io.penstock.client.wire.FrameLimits;
import java.util.concurrent.TimeUnit;

/**
 * The bounds of one connection.
 *
 * @param clientId what the broker's logs and quotas know us by
 * @param connectTimeoutMs until the socket is open
 * @param requestTimeoutMs until an answer, where the sender does not say otherwise
 * @param inFlightMax requests sent and not answered; one more is refused
 * @param frameBytesMax the largest answer taken
 * @param limits what decoding one answer may cost
 */
public record ConnectionSettings(
    String clientId,
    int connectTimeoutMs,
    long requestTimeoutMs,
    int inFlightMax,
    int frameBytesMax,
    FrameLimits limits) {

  private static final int IN_FLIGHT_DEFAULT = 64;
  private static final int FRAME_BYTES_DEFAULT = 128 * 1024 * 1024;

  public static ConnectionSettings defaults(String clientId) {
    return new ConnectionSettings(
        clientId,
        (int) TimeUnit.SECONDS.toMillis(10),
        TimeUnit.SECONDS.toMillis(30),
        IN_FLIGHT_DEFAULT,
        FRAME_BYTES_DEFAULT,
        FrameLimits.responses());
  }

  public ConnectionSettings withTimeoutMs(long timeoutMs) {
    return new ConnectionSettings(
        clientId,
        (int) Math.min(timeoutMs, connectTimeoutMs),
        timeoutMs,
        inFlightMax,
        frameBytesMax,
        limits);
  }
}
