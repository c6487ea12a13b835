package io.penstock.client.wire;

import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * The eight bytes that start every request, in every version of every API. Read first and on its
 * own, so that an ApiVersions request of an unknown version can still be answered in the version-0
 * form that every client understands.
 */
public record RequestHead(short apiKey, short version, int correlationId) {

  /** The API, or null where this build knows none with that key. */
  public @Nullable ApiKeys api() {
    return ApiKeys.hasId(apiKey) ? ApiKeys.forId(apiKey) : null;
  }

  /** True where the message classes know the API in this version. */
  public boolean isDecodable() {
    ApiKeys api = api();
    return api != null && api.isVersionSupported(version);
  }
}
