package io.penstock.client.net;

import io.penstock.client.net.BrokerConnectionException.Kind;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * At most one connection to each broker, opened when first asked for and again after it ended. A
 * broker that could not be reached is left alone for a moment, longer after each failure, in which
 * asking for it fails at once. Safe on every thread; bounded by the number of brokers asked for and
 * by {@link #CONNECTIONS_MAX}.
 */
public final class ConnectionPool implements AutoCloseable {

  /** More brokers than that are not one cluster. */
  static final int CONNECTIONS_MAX = 10_000;

  private static final long BACKOFF_MIN_MS = 50;
  private static final long BACKOFF_MAX_MS = 1_000;

  private final ClientTransport transport;
  private final ConnectionSettings settings;
  private final LongSupplier clockMs;
  private final Map<Endpoint, Entry> entries = new HashMap<>();
  private boolean closed;

  /** What is known about one broker; guarded by the pool. */
  private static final class Entry {
    private CompletableFuture<BrokerConnection> connection = new CompletableFuture<>();
    private long backoffMs;
    private long retryAtMs;

    private void opened(boolean success, long nowMs) {
      backoffMs = success ? 0 : Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_MIN_MS, backoffMs * 2));
      retryAtMs = nowMs + backoffMs;
    }

    private boolean isUsable() {
      if (!connection.isDone()) {
        return true;
      }
      return !connection.isCompletedExceptionally() && connection.join().isOpen();
    }
  }

  public ConnectionPool(ClientTransport transport, ConnectionSettings settings) {
    this(transport, settings, () -> System.nanoTime() / 1_000_000);
  }

  ConnectionPool(ClientTransport transport, ConnectionSettings settings, LongSupplier clockMs) {
    this.transport = transport;
    this.settings = settings;
    this.clockMs = clockMs;
  }

  /** An open connection to the broker, or one being opened. */
  public synchronized CompletableFuture<BrokerConnection> connection(Endpoint endpoint) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new BrokerConnectionException(Kind.CLOSED, "this client has been closed"));
    }
    Entry entry = entries.get(endpoint);
    if (entry != null && entry.isUsable()) {
      return entry.connection.copy();
    }
    if (entry != null && entry.connection.isCompletedExceptionally()) {
      if (clockMs.getAsLong() < entry.retryAtMs) {
        return entry.connection.copy();
      }
    }
    if (entry == null && entries.size() >= CONNECTIONS_MAX) {
      forgetUnusable();
    }
    if (entry == null) {
      entry = new Entry();
      entries.put(endpoint, entry);
    }
    entry.connection = opening(endpoint, entry);
    return entry.connection.copy();
  }

  /** Closes every connection; what is pending on them fails. */
  @Override
  public void close() {
    List<Entry> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(entries.values());
      entries.clear();
    }
    for (Entry entry : all) {
      var unused = entry.connection.thenAccept(BrokerConnection::close);
    }
  }

  /** Completes after the entry knows the outcome, so that the next call sees it. */
  private CompletableFuture<BrokerConnection> opening(Endpoint endpoint, Entry entry) {
    return BrokerConnection.open(transport, endpoint, settings)
        .whenComplete((connection, failure) -> {
          synchronized (this) {
            entry.opened(failure == null, clockMs.getAsLong());
          }
        });
  }

  private void forgetUnusable() {
    for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
      if (!each.next().isUsable()) {
        each.remove();
      }
    }
    if (entries.size() >= CONNECTIONS_MAX) {
      throw new IllegalStateException("more than " + CONNECTIONS_MAX + " brokers in use");
    }
  }
}
