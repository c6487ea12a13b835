package io.penstock.node.net;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one event loop, linked through the connections themselves so that an idle
 * one costs nothing more. Belongs to the loop's thread.
 */
final class ConnectionList {

  private @Nullable Connection first;
  private int size;

  int size() {
    return size;
  }

  void add(Connection connection) {
    connection.next = first;
    if (first != null) {
      first.previous = connection;
    }
    first = connection;
    size++;
  }

  void remove(Connection connection) {
    Connection before = connection.previous;
    Connection after = connection.next;
    if (before != null) {
      before.next = after;
    } else {
      first = after;
    }
    if (after != null) {
      after.previous = before;
    }
    connection.previous = null;
    connection.next = null;
    size--;
  }

  /** Visits each; the visitor may close, and so remove, the connection that it is given. */
  void forEach(Consumer<Connection> visitor) {
    Connection connection = first;
    while (connection != null) {
      Connection following = connection.next;
      visitor.accept(connection);
      connection = following;
    }
  }
}
