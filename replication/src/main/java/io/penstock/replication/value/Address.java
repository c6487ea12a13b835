package io.penstock.replication.value;

/** Where a node listens. */
public record Address(String host, int port) {

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
