package io.penstock.cluster.nodes;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ports for nodes that have to come back to them. They are below those that the system hands out by
 * itself, so that no outgoing connection takes one while its node is down.
 */
final class Ports {
  private static final int FIRST = 12_000;
  private static final int COUNT = 18_000;

  private Ports() {}

  /** So many ports that nobody listens on. */
  static List<Integer> free(int count) {
    List<Integer> ports = new ArrayList<>();
    Random random = new Random();
    while (ports.size() < count) {
      int port = FIRST + random.nextInt(COUNT);
      if (!ports.contains(port) && isFree(port)) {
        ports.add(port);
      }
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
