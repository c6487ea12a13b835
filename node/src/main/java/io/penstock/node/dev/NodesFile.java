package io.penstock.node.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code DIR/nodes}: a line {@code pid nodeId port} for each node that runs. Replaced as a whole,
 * so that whoever reads it sees one moment. Any thread may call it.
 */
final class NodesFile {

  private final Path file;
  private final Map<Integer, String> lines = new TreeMap<>();

  NodesFile(Path directory) {
    this.file = directory.resolve("nodes");
  }

  synchronized void running(DevNode node, long pid) throws IOException {
    lines.put(node.id(), pid + " " + node.id() + " " + node.port() + "\n");
    replace();
  }

  synchronized void gone(DevNode node) throws IOException {
    lines.remove(node.id());
    replace();
  }

  synchronized void clear() throws IOException {
    lines.clear();
    replace();
  }

  private void replace() throws IOException {
    Path next = file.resolveSibling("nodes.next");
    Files.writeString(next, String.join("", lines.values()));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
