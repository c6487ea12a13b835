package io.penstock.node.api;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Serves one API in a range of versions. A handler is shared by all event loops, so it keeps no
 * state of a request; it is only called with a version inside its range and with a message that was
 * decoded in full. It must not block: the calling thread is the event loop of the connection.
 */
public interface ApiHandler {

  ApiKeys api();

  /** The lowest version served, inclusive. */
  short lowestVersion();

  /** The highest version served, inclusive. */
  short highestVersion();

  /**
   * Handles one request, here or later: exactly one of the context's ways to end it has to be
   * called, on any thread. Record bytes in the request are valid only until this returns.
   */
  void handle(RequestContext context, ApiMessage request);

  /**
   * The answer to a request whose handling threw, in the request's version, or null where the API
   * has no way to say it; the connection is closed then.
   */
  default @Nullable ApiMessage failure(
      RequestContext context, ApiMessage request, Throwable cause) {
    return null;
  }

  /**
   * The answer to a request of a version outside the range, which is sent in version 0, or null to
   * close the connection. Only ApiVersions has one: clients use it to find a version both know.
   */
  default @Nullable ApiMessage unsupportedVersion(short version) {
    return null;
  }
}
