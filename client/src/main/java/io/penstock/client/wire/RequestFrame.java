package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A decoded request and the buffer that its record bytes still live in. Whoever receives it closes
 * it, once everything taken out by {@link WireRecords#bytesOf} has been used. Not thread-safe.
 */
public final class RequestFrame implements AutoCloseable {

  private final ApiKeys api;
  private final short version;
  private final int correlationId;
  private final @Nullable String clientId;
  private final ApiMessage message;
  private @Nullable ByteBuf buffer;

  RequestFrame(
      ApiKeys api,
      short version,
      int correlationId,
      @Nullable String clientId,
      ApiMessage message,
      ByteBuf buffer) {
    this.api = api;
    this.version = version;
    this.correlationId = correlationId;
    this.clientId = clientId;
    this.message = message;
    this.buffer = buffer;
  }

  public ApiKeys api() {
    return api;
  }

  public short version() {
    return version;
  }

  public int correlationId() {
    return correlationId;
  }

  public @Nullable String clientId() {
    return clientId;
  }

  public ApiMessage message() {
    return message;
  }

  @Override
  public void close() {
    ByteBuf held = buffer;
    buffer = null;
    if (held != null) {
      held.release();
    }
  }
}
