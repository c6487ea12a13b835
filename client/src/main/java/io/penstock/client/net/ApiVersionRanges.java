package io.penstock.client.net;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;

/** What one broker said it serves, cut down to what this build knows too. Immutable. */
public final class ApiVersionRanges {

  private final Map<ApiKeys, Short> highestCommon;

  private ApiVersionRanges(Map<ApiKeys, Short> highestCommon) {
    this.highestCommon = highestCommon;
  }

  static ApiVersionRanges of(ApiVersionsResponseData response) {
    Map<ApiKeys, Short> highest = new EnumMap<>(ApiKeys.class);
    for (ApiVersion range : response.apiKeys()) {
      if (ApiKeys.hasId(range.apiKey())) {
        ApiKeys api = ApiKeys.forId(range.apiKey());
        short common = (short) Math.min(range.maxVersion(), api.latestVersion(false));
        if (common >= Math.max(range.minVersion(), api.oldestVersion())) {
          highest.put(api, common);
        }
      }
    }
    return new ApiVersionRanges(highest);
  }

  /** The version to use, or empty where the two have none in common. */
  public OptionalInt highestCommon(ApiKeys api) {
    Short version = highestCommon.get(api);
    return version == null ? OptionalInt.empty() : OptionalInt.of(version);
  }
}
