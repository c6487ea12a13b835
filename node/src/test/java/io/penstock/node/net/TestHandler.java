package io.penstock.node.net;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.RequestContext;
import java.util.function.BiConsumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** A handler made of a function; serves every version that the codec knows. */
class TestHandler implements ApiHandler {

  private final ApiKeys api;
  private final BiConsumer<RequestContext, ApiMessage> action;

  TestHandler(ApiKeys api, BiConsumer<RequestContext, ApiMessage> action) {
    this.api = api;
    this.action = action;
  }

  @Override
  public ApiKeys api() {
    return api;
  }

  @Override
  public short lowestVersion() {
    return api.oldestVersion();
  }

  @Override
  public short highestVersion() {
    return api.latestVersion();
  }

  @Override
  public void handle(RequestContext context, ApiMessage request) {
    action.accept(context, request);
  }

  @Override
  public @Nullable ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    return null;
  }
}
