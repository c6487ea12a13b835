package io.penstock.node.peer;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.RequestContext;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Says what the listener for peers serves: the first thing that every connection asks. */
final class PeerVersionsHandler implements ApiHandler {

  private static final short HIGHEST_VERSION = 4;

  private final List<ApiHandler> others;

  PeerVersionsHandler(List<ApiHandler> others) {
    this.others = List.copyOf(others);
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.API_VERSIONS;
  }

  @Override
  public short lowestVersion() {
    return 0;
  }

  @Override
  public short highestVersion() {
    return HIGHEST_VERSION;
  }

  @Override
  public void handle(RequestContext context, ApiMessage request) {
    ApiVersionsResponseData response = new ApiVersionsResponseData();
    others.forEach(handler -> response.apiKeys().add(entry(handler)));
    response.apiKeys().add(entry(this));
    context.respond(response);
  }

  @Override
  public ApiMessage unsupportedVersion(short version) {
    ApiVersionsResponseData response =
        new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
    response.apiKeys().add(entry(this));
    return response;
  }

  private static ApiVersion entry(ApiHandler handler) {
    return new ApiVersion()
        .setApiKey(handler.api().id)
        .setMinVersion(handler.lowestVersion())
        .setMaxVersion(handler.highestVersion());
  }
}
