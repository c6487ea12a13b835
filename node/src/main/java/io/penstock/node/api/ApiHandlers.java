package io.penstock.node.api;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of all handlers, by API: the dispatcher finds the handler of each request here. What is
 * not in it is not served, and not advertised. Immutable; read by every event loop.
 */
public final class ApiHandlers {

  private final @Nullable ApiHandler[] byKey;
  private final List<ApiHandler> all;

  public ApiHandlers(Collection<? extends ApiHandler> handlers) {
    int highest = handlers.stream().mapToInt(handler -> handler.api().id).max().orElse(-1);
    this.byKey = new ApiHandler[highest + 1];
    this.all = List.copyOf(handlers);
    for (ApiHandler handler : handlers) {
      if (byKey[handler.api().id] != null) {
        throw new IllegalArgumentException("two handlers of " + handler.api());
      }
      byKey[handler.api().id] = handler;
    }
  }

  /** The handler of an API, by the number in a request, or null where it is not served. */
  public @Nullable ApiHandler find(short apiKey) {
    return apiKey >= 0 && apiKey < byKey.length ? byKey[apiKey] : null;
  }

  public List<ApiHandler> all() {
    return all;
  }
}
