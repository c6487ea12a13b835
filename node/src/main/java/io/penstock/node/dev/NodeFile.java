package io.penstock.node.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code penstock.yaml} of a node of a cluster on this machine: what has to stay as it was
 * written first.
 */
record NodeFile(int port, int peerPort, String voters) {

  private static final Pattern PORT = section("listener");
  private static final Pattern PEER_PORT = section("peer");
  private static final Pattern VOTERS = Pattern.compile("(?m)^ +voters: \\[(.*)]");

  private static Pattern section(String name) {
    return Pattern.compile("(?m)^" + name + ":\\R(?: .*\\R)*? +address: \\S+:([0-9]{1,5})$");
  }

  static NodeFile read(Path file) throws IOException, DevException {
    String text = Files.readString(file);
    return new NodeFile(
        Integer.parseInt(find(PORT, text, file, "listener.address")),
        Integer.parseInt(find(PEER_PORT, text, file, "peer.address")),
        find(VOTERS, text, file, "cluster.voters"));
  }

  private static String find(Pattern pattern, String text, Path file, String name)
      throws DevException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new DevException(
          file + " says nothing of `" + name + "` as `penstock dev` wrote it; put that back");
    }
    return matcher.group(1);
  }

  static void write(DevNode node, String voters) throws IOException {
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
        """
            .formatted(
                node.id(),
                voters,
                node.data().toString().replace("\\", "\\\\").replace("\"", "\\\""),
                node.bootstrap(),
                DevNode.HOST,
                node.peerPort()));
  }
}
