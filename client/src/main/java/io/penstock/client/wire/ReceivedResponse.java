package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A decoded response and the buffer that its record bytes still live in: the client's counterpart
 * of {@link RequestFrame}. Whoever receives it closes it. Not thread-safe.
 */
public final class ReceivedResponse implements AutoCloseable {

  private final int correlationId;
  private final ApiMessage message;
  private @Nullable ByteBuf buffer;

  ReceivedResponse(int correlationId, ApiMessage message, ByteBuf buffer) {
    this.correlationId = correlationId;
    this.message = message;
    this.buffer = buffer;
  }

  public int correlationId() {
    return correlationId;
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
