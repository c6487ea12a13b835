package io.penstock.node.api;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What handlers repeat: which API they serve, in which versions, and the type of its requests.
 * Immutable, like every handler.
 */
public abstract class TypedHandler<T extends ApiMessage> implements ApiHandler {

  private final ApiKeys api;
  private final Class<T> type;
  private final short lowest;
  private final short highest;

  protected TypedHandler(ApiKeys api, Class<T> type, int lowest, int highest) {
    this.api = api;
    this.type = type;
    this.lowest = (short) lowest;
    this.highest = (short) highest;
  }

  /** As {@link #handle}, with the request as the message that it is. */
  protected abstract void serve(RequestContext context, T request);

  @Override
  public final ApiKeys api() {
    return api;
  }

  @Override
  public final short lowestVersion() {
    return lowest;
  }

  @Override
  public final short highestVersion() {
    return highest;
  }

  @Override
  public final void handle(RequestContext context, ApiMessage request) {
    serve(context, type.cast(request));
  }
}
