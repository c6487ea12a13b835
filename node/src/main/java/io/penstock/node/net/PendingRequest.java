package io.penstock.node.net;

import com.codahale.metrics.Timer;
import io.penstock.client.wire.RequestFrame;
import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.Cancellable;
import io.penstock.node.api.ConnectionInfo;
import io.penstock.node.api.Loop;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One request between its frame and its response, and the response's place in the order of its
 * connection. It may be ended on any thread, once; everything after that happens on the loop. It is
 * its own view of that loop, so that a task that fails there is known to be its own.
 */
final class PendingRequest implements RequestContext, Loop {

  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(PendingRequest.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Connection connection;
  private final ApiKeys api;
  private final short version;
  private final int correlationId;
  private final @Nullable String clientId;
  private final Timer timer;
  private final long startNs;
  private volatile boolean ended;
  private @Nullable Runnable abandoned;
  private @Nullable Runnable followed;

  /** The next request of the connection; {@link ResponseOrderer} only. */
  @Nullable PendingRequest next;

  /** What is to be written when all earlier requests have been, if anything; the orderer only. */
  @Nullable Object encoded;

  /** Whether it waits for nothing but its turn; the orderer only. */
  boolean done;

  PendingRequest(Connection connection, RequestFrame frame, Timer timer, long startNs) {
    this(
        connection,
        frame.api(),
        frame.version(),
        frame.correlationId(),
        frame.clientId(),
        timer,
        startNs);
  }

  PendingRequest(
      Connection connection,
      ApiKeys api,
      short version,
      int correlationId,
      @Nullable String clientId,
      Timer timer,
      long startNs) {
    this.connection = connection;
    this.api = api;
    this.version = version;
    this.correlationId = correlationId;
    this.clientId = clientId;
    this.timer = timer;
    this.startNs = startNs;
  }

  ApiKeys api() {
    return api;
  }

  @Override
  public short apiVersion() {
    return version;
  }

  @Override
  public int correlationId() {
    return correlationId;
  }

  @Override
  public @Nullable String clientId() {
    return clientId;
  }

  @Override
  public ConnectionInfo connection() {
    return connection;
  }

  @Override
  public Loop loop() {
    return this;
  }

  @Override
  public WakeTarget home() {
    return connection.loop();
  }

  @Override
  public boolean isCurrentThread() {
    return connection.loop().isCurrentThread();
  }

  @Override
  public void execute(Runnable task) {
    connection.loop().execute(() -> attempt(task));
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    return connection.loop().schedule(delayMs, () -> attempt(task));
  }

  @Override
  public void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      connection.failed(this, e);
    }
  }

  @Override
  public Wakeups wakeups() {
    return connection.loop().wakeups();
  }

  @Override
  public void respond(ApiMessage response) {
    if (!tryEnd()) {
      WireRecords.release(response);
      throw new IllegalStateException(api + " was ended before: " + connection);
    }
    NetworkLoop loop = connection.loop();
    if (loop.isCurrentThread()) {
      answer(response);
    } else {
      loop.executeOrElse(() -> answer(response), () -> WireRecords.release(response));
    }
  }

  private void answer(ApiMessage response) {
    noteTime();
    connection.answer(this, response);
  }

  @Override
  public void respondNothing() {
    end(() -> {
      noteTime();
      connection.answerNothing(this);
    });
  }

  @Override
  public void closeConnection(String reason) {
    end(() -> connection.closeFor(reason, api.name));
  }

  private void end(Runnable task) {
    if (!tryEnd()) {
      throw new IllegalStateException(api + " was ended before: " + connection);
    }
    NetworkLoop loop = connection.loop();
    if (loop.isCurrentThread()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  @Override
  public void whenAbandoned(Runnable task) {
    NetworkLoop loop = connection.loop();
    if (!loop.isCurrentThread()) {
      loop.execute(() -> whenAbandoned(task));
      return;
    }
    if (abandoned != null) {
      throw new IllegalStateException(api + " has a task for being abandoned: " + connection);
    }
    if (connection.isOpen()) {
      abandoned = task;
    } else if (!ended) {
      task.run();
    }
  }

  @Override
  public void whenFollowed(Runnable task) {
    if (next == null) {
      followed = task;
    } else {
      execute(task);
    }
  }

  /** Another request has taken its place behind this one: on the loop. */
  void follow() {
    Runnable task = followed;
    followed = null;
    if (task != null && !ended) {
      attempt(task);
    }
  }

  /** Whether a handler has ended it, perhaps on another thread a moment ago. */
  boolean isEnded() {
    return ended;
  }

  /** The connection is gone: on the loop, once. */
  void abandon() {
    Runnable task = abandoned;
    abandoned = null;
    if (task != null && !ended) {
      task.run();
    }
  }

  private boolean tryEnd() {
    return ENDED.compareAndSet(this, false, true);
  }

  private void noteTime() {
    timer.update(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
  }
}
