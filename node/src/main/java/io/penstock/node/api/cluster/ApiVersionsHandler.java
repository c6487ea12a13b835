package io.penstock.node.api.cluster;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Tells clients what this node serves: exactly the handlers that there are, in exactly their
 * versions, and which features are on in the cluster. A client that is newer than this node is
 * answered in version 0, which it understands.
 */
public final class ApiVersionsHandler extends TypedHandler<ApiVersionsRequestData> {

  private static final Pattern SOFTWARE =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");
  private static final int SOFTWARE_LENGTH_MAX = 1_000;

  private final ControlPlane control;
  private final List<ApiHandler> others;

  public ApiVersionsHandler(ControlPlane control, List<ApiHandler> others) {
    super(ApiKeys.API_VERSIONS, ApiVersionsRequestData.class, 0, 5);
    this.control = control;
    this.others = List.copyOf(others);
  }

  @Override
  protected void serve(RequestContext context, ApiVersionsRequestData request) {
    if (!isValid(request, context.apiVersion())) {
      context.respond(answer(Errors.INVALID_REQUEST));
    } else if (isMeantForAnother(request)) {
      context.respond(answer(Errors.REBOOTSTRAP_REQUIRED));
    } else {
      context.respond(all());
    }
  }

  @Override
  public ApiMessage unsupportedVersion(short version) {
    ApiVersionsResponseData response = answer(Errors.UNSUPPORTED_VERSION);
    ApiVersionCollection keys = new ApiVersionCollection(1);
    keys.add(entry(this));
    return response.setApiKeys(keys);
  }

  private ApiVersionsResponseData all() {
    ApiVersionCollection keys = new ApiVersionCollection(others.size() + 1);
    for (ApiHandler handler : others) {
      keys.add(entry(handler));
    }
    keys.add(entry(this));
    return withFeatures(answer(Errors.NONE).setApiKeys(keys));
  }

  /** The level only ever rises, so it serves as the age of what is said about it, too. */
  private ApiVersionsResponseData withFeatures(ApiVersionsResponseData response) {
    short level = (short) control.image().metadata().featureLevel();
    response
        .supportedFeatures()
        .add(
            new SupportedFeatureKey()
                .setName(Features.NAME)
                .setMinVersion(Features.LOWEST)
                .setMaxVersion(Features.HIGHEST));
    response
        .finalizedFeatures()
        .add(
            new FinalizedFeatureKey()
                .setName(Features.NAME)
                .setMinVersionLevel(level)
                .setMaxVersionLevel(level));
    response
        .supportedFeatures()
        .add(
            new SupportedFeatureKey()
                .setName(Features.GROUP_VERSION)
                .setMinVersion(Features.GROUP_LEVEL)
                .setMaxVersion(Features.GROUP_LEVEL));
    response
        .finalizedFeatures()
        .add(
            new FinalizedFeatureKey()
                .setName(Features.GROUP_VERSION)
                .setMinVersionLevel(Features.GROUP_LEVEL)
                .setMaxVersionLevel(Features.GROUP_LEVEL));
    return response.setFinalizedFeaturesEpoch(level);
  }

  /** From version 5 a client says whom it believes to be talking to (KIP-1242). */
  private boolean isMeantForAnother(ApiVersionsRequestData request) {
    if (request.clusterId() == null) {
      return false;
    }
    return !request.clusterId().equals(KafkaIds.text(control.clusterId()))
        || request.nodeId() != control.nodeId();
  }

  private static boolean isValid(ApiVersionsRequestData request, short version) {
    if (version >= 5 && (request.clusterId() == null) != (request.nodeId() == -1)) {
      return false;
    }
    return version < 3
        || (isSoftware(request.clientSoftwareName())
            && isSoftware(request.clientSoftwareVersion()));
  }

  private static boolean isSoftware(String text) {
    return text.length() <= SOFTWARE_LENGTH_MAX && SOFTWARE.matcher(text).matches();
  }

  private static ApiVersionsResponseData answer(Errors error) {
    return new ApiVersionsResponseData().setErrorCode(error.code());
  }

  /**
   * Produce is said to start at 0, as Kafka 4 says it: librdkafka takes a broker without those
   * versions for one that knows no compression. Nothing sends them; whoever does is cut off.
   */
  private static ApiVersion entry(ApiHandler handler) {
    return new ApiVersion()
        .setApiKey(handler.api().id)
        .setMinVersion(handler.api() == ApiKeys.PRODUCE ? 0 : handler.lowestVersion())
        .setMaxVersion(handler.highestVersion());
  }
}
