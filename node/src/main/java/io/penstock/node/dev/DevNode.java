package io.penstock.node.dev;

import java.nio.file.Path;

/**
 * One node of a cluster on this machine, before anything runs. Immutable.
 *
 * @param port where clients connect
 * @param peerPort where the other nodes connect
 * @param directory holds its configuration and its data
 */
record DevNode(int id, int port, int peerPort, Path directory) {

  static final String HOST = "127.0.0.1";

  Path configuration() {
    return directory.resolve("penstock.yaml");
  }

  Path data() {
    return directory.resolve("data");
  }

  String bootstrap() {
    return HOST + ":" + port;
  }

  /** How the configurations of all nodes name this one, where it is a voter. */
  String asVoter() {
    return id + "@" + HOST + ":" + peerPort;
  }
}
