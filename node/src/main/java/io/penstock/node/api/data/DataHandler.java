package io.penstock.node.api.data;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.RequestContext;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What the handlers of this package repeat: which API they serve, in which versions, and the type
 * of its requests. Immutable, like every handler.
 */
abstract class DataHandler<T extends ApiMessage> implements ApiHandler {

  private final ApiKeys api;
  private final Class<T> type;
  private final short lowest;
  private final short highest;

  DataHandler(ApiKeys api, Class<T> type, int lowest, int highest) {
    this.api = api;
    this.type = type;
    this.lowest = (short) lowest;
    this.highest = (short) highest;
  }

  abstract void serve(RequestContext context, T request);

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
