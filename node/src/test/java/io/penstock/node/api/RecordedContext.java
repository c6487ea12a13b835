package io.penstock.node.api;

import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** A request whose end is recorded; it may be ended once only, on any thread. */
public final class RecordedContext implements RequestContext, ConnectionInfo {

  private final ManualLoop loop;
  private final short version;
  private String clientId = "test";
  private volatile @Nullable ApiMessage response;
  private volatile @Nullable String closed;
  private volatile boolean nothing;
  private @Nullable Runnable abandoned;
  private @Nullable ConnectionAttachment attachment;

  public RecordedContext(ManualLoop loop, int version) {
    this.loop = loop;
    this.version = (short) version;
  }

  public boolean isEnded() {
    return response != null || closed != null || nothing;
  }

  public boolean endedWithoutResponse() {
    return nothing;
  }

  public @Nullable String closeReason() {
    return closed;
  }

  /** The response that was given; there has to be one. */
  public <T extends ApiMessage> T response(Class<T> type) {
    ApiMessage given = response;
    if (given == null) {
      throw new AssertionError("no response; closed=" + closed + " nothing=" + nothing);
    }
    return type.cast(given);
  }

  /** Has the client call itself so. */
  public RecordedContext ofClient(String name) {
    clientId = name;
    return this;
  }

  /** Has the other end of the connection be this node. */
  public RecordedContext ofPeer(int nodeId) {
    attachment =
        new ConnectionAttachment() {
          @Override
          public void connectionEnded(boolean byThisNode) {}

          @Override
          public int peerNodeId() {
            return nodeId;
          }
        };
    return this;
  }

  /** The connection closes. */
  public void abandon() {
    Runnable task = abandoned;
    if (task != null && !isEnded()) {
      task.run();
    }
  }

  @Override
  public void respond(ApiMessage message) {
    checkOpen();
    response = message;
  }

  @Override
  public void respondNothing() {
    checkOpen();
    nothing = true;
  }

  @Override
  public void closeConnection(String reason) {
    checkOpen();
    closed = reason;
  }

  @Override
  public void whenAbandoned(Runnable task) {
    if (abandoned != null) {
      throw new AssertionError("a second task");
    }
    abandoned = task;
  }

  private void checkOpen() {
    if (isEnded()) {
      throw new AssertionError("ended twice");
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
    return clientId;
  }

  @Override
  public ConnectionInfo connection() {
    return this;
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public WakeTarget home() {
    return loop();
  }

  /** As the real one: a task that fails closes the connection, unless it has ended the request. */
  @Override
  public void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!isEnded()) {
        closed = String.valueOf(e);
      }
    }
  }

  @Override
  public Wakeups wakeups() {
    return loop.wakeups();
  }

  @Override
  public long id() {
    return 1;
  }

  @Override
  public SocketAddress remoteAddress() {
    return InetSocketAddress.createUnresolved("test", 1);
  }

  @Override
  public String listener() {
    return "test";
  }

  @Override
  public String principal() {
    return "User:ANONYMOUS";
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public @Nullable ConnectionAttachment attachment() {
    return attachment;
  }

  @Override
  public void attach(ConnectionAttachment attached) {
    attachment = attached;
  }
}
