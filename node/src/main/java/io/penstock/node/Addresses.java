package io.penstock.node;

import io.penstock.node.config.HostPort;
import io.penstock.replication.value.Address;

/** Addresses as a configuration has them, as nodes tell them to each other. */
final class Addresses {

  private Addresses() {}

  static Address of(HostPort address) {
    return new Address(address.host(), address.port());
  }
}
