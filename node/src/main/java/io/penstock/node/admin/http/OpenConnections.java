package io.penstock.node.admin.http;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The connections that are open, no more than allowed. Those of which nothing is being answered
 * give way to new ones, the longest idle first: whoever opens connections and says nothing keeps
 * nobody out. Used by the event loop; the count is read by any thread.
 */
final class OpenConnections {

  private final int max;
  private final Set<HttpConnection> open = new LinkedHashSet<>();
  private final Set<HttpConnection> idle = new LinkedHashSet<>();
  private volatile int count;

  OpenConnections(int max) {
    this.max = max;
  }

  int count() {
    return count;
  }

  /** Whether there is room for it, after another one may have been closed. */
  boolean admit(HttpConnection connection) {
    if (open.size() >= max) {
      if (idle.isEmpty()) {
        return false;
      }
      HttpConnection longest = idle.iterator().next();
      remove(longest);
      longest.giveWay();
    }
    open.add(connection);
    count = open.size();
    return true;
  }

  /** Nothing is being answered there from now on. */
  void idle(HttpConnection connection) {
    idle.add(connection);
  }

  /** It has a request, and is to be let alone until that is answered. */
  void busy(HttpConnection connection) {
    idle.remove(connection);
  }

  void remove(HttpConnection connection) {
    idle.remove(connection);
    open.remove(connection);
    count = open.size();
  }
}
