package io.penstock.node.api;

import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the node, from the frame to the response. It is ended exactly
 * once, by {@link #respond}, {@link #respondNothing} or {@link #closeConnection}, on any thread; a
 * second end is a bug in the handler and throws. Responses leave in the order in which the requests
 * of the connection came, whatever the order in which they are given here.
 */
public interface RequestContext {

  short apiVersion();

  int correlationId();

  @Nullable String clientId();

  ConnectionInfo connection();

  /**
   * The event loop of the connection, for what belongs to this request: a task that throws there
   * closes the connection, as {@link #attempt} does.
   */
  Loop loop();

  /** The same loop under the one name that all its requests share: where waiters are woken. */
  WakeTarget home();

  /**
   * Runs a task of this request, here and now on the thread of {@link #loop}. If it throws before
   * the request is ended, the connection is closed: a peer that waits for an answer hears that none
   * comes. Why not leave it to the caller: it does not know whose request failed.
   */
  void attempt(Runnable task);

  /**
   * Where this request's appends put the waiters they satisfied; the loop answers them when it has
   * read what there was to read. To be used on the thread of {@link #loop} only.
   */
  Wakeups wakeups();

  /**
   * Sends the response. File ranges inside it belong to the network layer from here on, which
   * releases each exactly once, also where the connection is gone by now.
   */
  void respond(ApiMessage response);

  /** Ends the request without a response: produce with {@code acks=0}. */
  void respondNothing();

  /** Ends the request by closing its connection; the reason goes to the log and is counted. */
  void closeConnection(String reason);

  /**
   * Has the task run on the loop if the connection closes before the request is ended; at once,
   * where it is closed already. A parked request leaves its partitions this way. At most one task.
   */
  void whenAbandoned(Runnable task);

  /**
   * Has the task run on the loop when another request comes on the connection before this one is
   * ended. Whoever is parked there may take it for a sign that its answer is wanted now: the other
   * one's has to wait for it. To be called on the loop; at most one task.
   */
  default void whenFollowed(Runnable task) {}
}
