package io.penstock.node.dev;

import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfig.Voter;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * The {@code penstock.yaml} of a node of a cluster on this machine: what has to stay as it was
 * written first.
 */
record NodeFile(int port, int peerPort, String voters) {

  static NodeFile read(Path file) throws DevException {
    try {
      NodeConfig config = NodeConfigReader.read(file);
      return new NodeFile(
          config.listener().address().port(),
          config.peer().address().port(),
          config.cluster().voters().stream()
              .map(Voter::toString)
              .collect(Collectors.joining(", ")));
    } catch (ConfigException e) {
      throw new DevException(String.join("\n", e.problems()), e);
    }
  }

  static void write(DevNode node, String voters, int replicationFactor) throws IOException {
    Files.writeString(
        node.configuration(),
        """
        # Written by `penstock dev --nodes`, which leaves it alone as long as the ports are these.
        node:
          id: %d
        cluster:
          voters: [%s]
        data:
          directories: ["%s"]
        listener:
          address: %s
        peer:
          address: %s:%d
        admin:
          address: %s:0
        groups:
          initial-rebalance-delay: 0ms
        topics:
          replication-factor: %d
        """
            .formatted(
                node.id(),
                voters,
                node.data().toString().replace("\\", "\\\\").replace("\"", "\\\""),
                node.bootstrap(),
                DevNode.HOST,
                node.peerPort(),
                DevNode.HOST,
                replicationFactor));
  }
}
