package io.penstock.node.net;

import io.penstock.node.net.receive.FrameLimiter;
import java.net.InetSocketAddress;

/**
 * What a listener needs to know.
 *
 * @param kind who connects
 * @param listener the name that its connections carry
 * @param address where to listen; port 0 lets the system choose
 * @param eventLoops threads
 * @param nativeTransport false only to force NIO, which costs up to twice the CPU
 * @param frames how long requests may be
 * @param requests what one connection may have under way
 * @param connections how many connections, and for how long
 */
public record ServerSettings(
    ListenerKind kind,
    String listener,
    InetSocketAddress address,
    int eventLoops,
    boolean nativeTransport,
    FrameLimiter frames,
    RequestLimits requests,
    ConnectionLimits connections) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  public ServerSettings {
    if (eventLoops < 1) {
      throw new IllegalArgumentException("eventLoops=" + eventLoops);
    }
  }

  /** The values of a node that says nothing else. */
  public static ServerSettings defaults(InetSocketAddress address) {
    return new ServerSettings(
        ListenerKind.CLIENTS,
        "PLAINTEXT",
        address,
        Math.max(1, Runtime.getRuntime().availableProcessors()),
        true,
        new FrameLimiter(100 * MIB, 8 * MIB, 64 * KIB),
        RequestLimits.defaults(),
        ConnectionLimits.defaults());
  }

  /**
   * What one connection may have under way; beyond it, nothing more is read from it.
   *
   * @param inFlightMax requests that were taken up and not answered
   * @param regionBytesMax bytes of responses with file ranges that were not taken by the socket
   * @param bufferBytesMax bytes of other responses that were not taken by the socket
   * @param stalledFrameMs how long an unfinished frame may stand still, or take at all while others
   *     wait for the memory that it holds
   */
  public record RequestLimits(
      int inFlightMax, long regionBytesMax, int bufferBytesMax, long stalledFrameMs) {

    public RequestLimits {
      if (inFlightMax < 1 || regionBytesMax < 1 || bufferBytesMax < 1 || stalledFrameMs < 1) {
        throw new IllegalArgumentException("every limit must be positive");
      }
    }

    public static RequestLimits defaults() {
      return new RequestLimits(64, 64L * MIB, 4 * MIB, 30_000);
    }
  }

  /**
   * Bounds for all connections of the listener.
   *
   * @param connectionsMax open at a time
   * @param perAddressMax open at a time from one IP address
   * @param idleMs closed when nothing moved for so long; Kafka's {@code connections.max.idle.ms}
   */
  public record ConnectionLimits(int connectionsMax, int perAddressMax, long idleMs) {

    public ConnectionLimits {
      if (connectionsMax < 1 || perAddressMax < 1 || idleMs < 1) {
        throw new IllegalArgumentException("every limit must be positive");
      }
    }

    public static ConnectionLimits defaults() {
      return new ConnectionLimits(20_000, 20_000, 600_000);
    }
  }
}
