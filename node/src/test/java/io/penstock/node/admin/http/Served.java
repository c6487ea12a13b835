package io.penstock.node.admin.http;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Pages on a port of loopback, with the clients that ask for them and what is counted of them. */
final class Served {

  private static final int BACKLOG = 1_024;

  final MetricRegistry metrics = new MetricRegistry();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int port;

  void start(Pages pages, HttpLimits limits) throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    port = socket.socket().getLocalPort();
    open.add(new HttpListener(socket, pages, HostRule.loopback("127.0.0.1"), limits, metrics));
  }

  int port() {
    return port;
  }

  RawClient client() throws IOException {
    return client(0);
  }

  /** One whose system takes only about so many bytes in advance, where that is not 0. */
  RawClient client(int receiveBytes) throws IOException {
    RawClient client = new RawClient(port, receiveBytes);
    open.add(client);
    return client;
  }

  int connections() {
    Gauge<?> gauge = metrics.getGauges().get("penstock.admin.connections.open");
    return gauge == null ? -1 : (Integer) gauge.getValue();
  }

  /** How many connections gave way to others. */
  long gaveWay() {
    return metrics.meter("penstock.admin.connections.gave.way").getCount();
  }

  /** How many connections were closed since they were slow. */
  long slow() {
    return metrics.meter("penstock.admin.connections.closed.slow").getCount();
  }

  /** The clients first. */
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }
}
