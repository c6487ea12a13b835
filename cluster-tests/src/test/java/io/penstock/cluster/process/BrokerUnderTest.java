package io.penstock.cluster.process;

import org.jspecify.annotations.Nullable;

/**
 * The broker of a test class that needs no faults: one of the distribution, or the one that {@code
 * -Dpenstock.bootstrap=HOST:PORT} names, so that the same test can be held against another broker
 * of the protocol.
 */
public final class BrokerUnderTest implements AutoCloseable {
  private final @Nullable BrokerProcess own;
  private final String bootstrap;

  private BrokerUnderTest(@Nullable BrokerProcess own, String bootstrap) {
    this.own = own;
    this.bootstrap = bootstrap;
  }

  /** Starts a broker, or takes the named one. */
  public static BrokerUnderTest open(String name) {
    String external = System.getProperty("penstock.bootstrap", "");
    if (!external.isEmpty()) {
      return new BrokerUnderTest(null, external);
    }
    BrokerProcess process = BrokerProcess.start(Distribution.scratch(name).resolve("data"));
    return new BrokerUnderTest(process, process.bootstrap());
  }

  /** host:port for clients. */
  public String bootstrap() {
    return bootstrap;
  }

  /** The port of the bootstrap address. */
  public int port() {
    return Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1));
  }

  /** The process, where the test started it itself. */
  public @Nullable BrokerProcess process() {
    return own;
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }
}
