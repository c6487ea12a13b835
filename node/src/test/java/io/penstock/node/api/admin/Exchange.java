package io.penstock.node.api.admin;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ConnectionAttachment;
import io.penstock.node.api.ConnectionInfo;
import io.penstock.node.api.Loop;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.jspecify.annotations.Nullable;

/**
 * One request given to a handler, and what came back. Request and response pass through the bytes
 * of their version, so that a field which the version does not have fails the test.
 */
public final class Exchange implements RequestContext {

  private final short version;
  private final FakeLoop loop;
  private final Wakeups wakeups = new Wakeups();
  private @Nullable ApiMessage response;
  private @Nullable String closed;

  private Exchange(short version, FakeLoop loop) {
    this.version = version;
    this.loop = loop;
  }

  /** Starts a request; it may be answered by now, or later. */
  public static Exchange start(ApiHandler handler, int version, ApiMessage request, FakeLoop loop) {
    Exchange exchange = new Exchange((short) version, loop);
    handler.handle(exchange, overTheWire(request, (short) version));
    return exchange;
  }

  /** The response to a request that is answered at once. */
  public static <T extends ApiMessage> T ask(
      ApiHandler handler, int version, ApiMessage request, Class<T> type) {
    return start(handler, version, request, new FakeLoop()).response(type);
  }

  public <T extends ApiMessage> T response(Class<T> type) {
    if (response == null) {
      throw new AssertionError("not answered" + (closed == null ? "" : ", closed: " + closed));
    }
    return type.cast(overTheWire(response, version));
  }

  public boolean isAnswered() {
    return response != null;
  }

  public @Nullable String closedBecause() {
    return closed;
  }

  private static ApiMessage overTheWire(ApiMessage message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(bytes), cache, version);
    bytes.flip();
    try {
      ApiMessage copy = message.getClass().getDeclaredConstructor().newInstance();
      copy.read(new ByteBufferAccessor(bytes), version);
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no public constructor", e);
    }
  }

  @Override
  public short apiVersion() {
    return version;
  }

  @Override
  public int correlationId() {
    return 1;
  }

  @Override
  public String clientId() {
    return "test";
  }

  @Override
  public ConnectionInfo connection() {
    return new ConnectionInfo() {
      @Override
      public long id() {
        return 1;
      }

      @Override
      public SocketAddress remoteAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
      }

      @Override
      public String listener() {
        return "PLAINTEXT";
      }

      @Override
      public String principal() {
        return "User:ANONYMOUS";
      }

      @Override
      public boolean isOpen() {
        return closed == null;
      }

      @Override
      public @Nullable ConnectionAttachment attachment() {
        return null;
      }

      @Override
      public void attach(ConnectionAttachment attachment) {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public WakeTarget home() {
    return loop();
  }

  @Override
  public void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (response == null && closed == null) {
        closed = String.valueOf(e);
      }
    }
  }

  @Override
  public Wakeups wakeups() {
    return wakeups;
  }

  @Override
  public void respond(ApiMessage message) {
    end();
    response = message;
  }

  @Override
  public void respondNothing() {
    throw new AssertionError("no API here goes without an answer");
  }

  @Override
  public void closeConnection(String reason) {
    end();
    closed = reason;
  }

  @Override
  public void whenAbandoned(Runnable task) {}

  private void end() {
    if (response != null || closed != null) {
      throw new AssertionError("answered twice");
    }
  }
}
