package io.penstock.node.admin;

import io.penstock.node.admin.http.HostRule;
import io.penstock.node.admin.http.HttpLimits;
import io.penstock.node.admin.http.HttpListener;
import io.penstock.node.config.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port. Its address is taken at once; it is served when the node is up, or when its start
 * takes long: until then, clients wait in the socket's backlog. Opened and closed by the thread
 * that starts and closes the node.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

  /** A start that takes longer waits for something, which an operator may want to see. */
  private static final long START_MS_MAX = 2_000;

  private static final int BACKLOG = 64;

  private final ServerSocketChannel socket;
  private final HostPort address;
  private final HostRule hosts;
  private final AdminSources sources;
  private final CountDownLatch mayServe = new CountDownLatch(1);
  private final Thread starter;
  private boolean closed;
  private @Nullable HttpListener listener;

  private AdminServer(
      ServerSocketChannel socket, HostPort address, HostRule hosts, AdminSources sources) {
    this.socket = socket;
    this.address = address;
    this.hosts = hosts;
    this.sources = sources;
    this.starter =
        Thread.ofPlatform().name("penstock-admin-start").daemon().unstarted(this::serveInTime);
  }

  /** Takes the address; port 0 stands for any free one. */
  public static AdminServer open(HostPort address, AdminSources sources) throws IOException {
    InetSocketAddress wanted = new InetSocketAddress(address.host(), address.port());
    if (wanted.isUnresolved()) {
      throw new IOException("`admin.address`: no such host: " + address.host());
    }
    ServerSocketChannel socket = ServerSocketChannel.open();
    try {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      socket.bind(wanted, BACKLOG);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "cannot listen on `admin.address` " + address + ": " + e.getMessage(), e);
    }
    HostPort bound = address.withPort(socket.socket().getLocalPort());
    boolean isLoopback = wanted.getAddress().isLoopbackAddress();
    HostRule hosts = isLoopback ? HostRule.loopback(address.host()) : HostRule.any();
    AdminServer server = new AdminServer(socket, bound, hosts, sources);
    if (!isLoopback) {
      LOG.warn(
          "The admin port has neither TLS nor users: whoever reaches it reads all that it shows:"
              + " address={}",
          bound);
    }
    server.starter.start();
    return server;
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /** The node is up: its threads have time for this now. */
  public void nodeIsUp() {
    mayServe.countDown();
  }

  private void serveInTime() {
    try {
      boolean _ = mayServe.await(START_MS_MAX, TimeUnit.MILLISECONDS);
      serve();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | LinkageError failure) {
      // The node goes on: who consumes and produces is not to be without a broker for this.
      LOG.error("The admin port is not served: address={}", address, failure);
    }
  }

  private synchronized void serve() {
    if (!closed) {
      listener =
          new HttpListener(
              socket, new AdminPages(sources), hosts, HttpLimits.standard(), sources.metrics());
      LOG.info("The admin port is open: address={}", address);
    }
  }

  /** Where it is not served yet, it never will be. */
  @Override
  public void close() throws IOException {
    starter.interrupt();
    HttpListener open = end();
    if (open != null) {
      open.close();
    }
    socket.close();
  }

  private synchronized @Nullable HttpListener end() {
    closed = true;
    HttpListener open = listener;
    listener = null;
    return open;
  }
}
