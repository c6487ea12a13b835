package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cluster.process.Command;

/**
 * Which programs of others must be there. On a developer's machine a missing one skips its tests;
 * with {@code PENSTOCK_REQUIRE_CLIENTS=1}, as in CI, it fails them.
 */
final class Clients {
  private Clients() {}

  static void assumeInstalled(String program) {
    if (Command.exists(program)) {
      return;
    }
    if ("1".equals(System.getenv("PENSTOCK_REQUIRE_CLIENTS"))) {
      throw new IllegalStateException(program + " is required and not on the path");
    }
    assumeTrue(false, program + " is not installed");
  }
}
