package io.penstock.node.admin.http;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are open, no more than allowed. Those of which nothing is being answered
 * give way to new ones, the longest idle first: whoever opens connections and says nothing keeps
 * nobody out. Nor does who reads slowly for long: where too many answers are on their way, one that
 * its client does not take gives way to the next. One that is being taken never does, or many who
 * ask at a time would cut each other off. Used by the event loop; the count is read by any thread.
 */
final class OpenConnections {

  private final int max;
  private final int sendingMax;
  private final Set<HttpConnection> open = new LinkedHashSet<>();
  private final Set<HttpConnection> idle = new LinkedHashSet<>();
  private final Set<HttpConnection> sending = new LinkedHashSet<>();
  private volatile int count;

  OpenConnections(int max, int sendingMax) {
    this.max = max;
    this.sendingMax = sendingMax;
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
    sending.remove(connection);
    idle.add(connection);
  }

  /** It has a request, and is to be let alone until that is answered. */
  void busy(HttpConnection connection) {
    idle.remove(connection);
  }

  /**
   * Its answer was made and is to be on its way, for which there may be room only after another one
   * was closed.
   *
   * @return false where there are too many, and all of them get on
   */
  boolean sending(HttpConnection connection) {
    if (sending.size() >= sendingMax) {
      HttpConnection slow = firstSlow();
      if (slow == null) {
        return false;
      }
      remove(slow);
      slow.giveWay();
    }
    sending.add(connection);
    return true;
  }

  /** Of the answers whose clients are slow, the one that was begun first. */
  private @Nullable HttpConnection firstSlow() {
    for (HttpConnection each : sending) {
      if (each.isSlow()) {
        return each;
      }
    }
    return null;
  }

  void remove(HttpConnection connection) {
    sending.remove(connection);
    idle.remove(connection);
    open.remove(connection);
    count = open.size();
  }
}
