package io.penstock.node.peer;

import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.RequestContext;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Brings fetches of followers to the handler that serves clients, too: the same sessions, the same
 * slices, the same way to the socket. Only who has introduced itself gets as far; that it is the
 * replica that it says to be is looked at there. On the event loops of the listener for peers.
 */
final class PeerFetchHandler implements ApiHandler {

  /** The first with what followers say of themselves since KIP-903, by topic ids. */
  private static final short LOWEST = 17;

  private static final short HIGHEST = 18;

  private volatile @Nullable ApiHandler target;

  /** Fetches are served from now on; until then followers are told to come again. */
  void serveWith(ApiHandler handler) {
    if (handler.lowestVersion() > LOWEST || handler.highestVersion() < HIGHEST) {
      throw new IllegalArgumentException("does not serve what followers send");
    }
    target = handler;
  }

  /** Tells followers from now on to come again. */
  void stop() {
    target = null;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.FETCH;
  }

  @Override
  public short lowestVersion() {
    return LOWEST;
  }

  @Override
  public short highestVersion() {
    return HIGHEST;
  }

  @Override
  public void handle(RequestContext context, ApiMessage request) {
    if (!(context.connection().attachment() instanceof PeerSession session)) {
      context.closeConnection("no-introduction");
      return;
    }
    session.heard();
    ApiHandler handler = target;
    if (handler == null) {
      context.respond(new FetchResponseData().setErrorCode(Errors.BROKER_NOT_AVAILABLE.code()));
      return;
    }
    handler.handle(context, request);
  }

  @Override
  public @Nullable ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    ApiHandler handler = target;
    return handler == null ? null : handler.failure(context, request, cause);
  }
}
