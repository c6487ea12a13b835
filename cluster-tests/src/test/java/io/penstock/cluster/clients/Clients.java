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
    assume(Command.exists(program), program);
  }

  static void assume(boolean installed, String what) {
    if (!installed && "1".equals(System.getenv("PENSTOCK_REQUIRE_CLIENTS"))) {
      throw new IllegalStateException(what + " is required and not installed");
    }
    assumeTrue(installed, what + " is not installed");
  }
}
