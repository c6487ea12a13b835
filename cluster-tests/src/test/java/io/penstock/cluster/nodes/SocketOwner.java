package io.penstock.cluster.nodes;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which of some processes has the other end of a connection on this machine, by {@code /proc}. */
final class SocketOwner {
  private static final int LOCAL = 1;
  private static final int INODE = 9;

  private SocketOwner() {}

  /**
   * The key of the process that has a socket bound to this port, or -1.
   *
   * @param pids process ids by key
   */
  static int find(int port, Map<Integer, Long> pids) {
    Set<String> sockets = socketsBoundTo(port);
    sockets.remove("socket:[0]"); // one that waits for its end has no process
    if (sockets.isEmpty()) {
      return -1;
    }
    for (Map.Entry<Integer, Long> one : pids.entrySet()) {
      if (one.getValue() >= 0 && hasOneOf(sockets, one.getValue())) {
        return one.getKey();
      }
    }
    return -1;
  }

  private static Set<String> socketsBoundTo(int port) {
    String end = ":" + String.format(Locale.ROOT, "%04X", port);
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      try {
        String all = Files.readString(Path.of("/proc/net", table));
        // The tables of a busy machine are long: most lines are not even cut out of them.
        for (int at = all.indexOf(end); at >= 0; at = all.indexOf(end, at + 1)) {
          int from = all.lastIndexOf('\n', at) + 1;
          int to = all.indexOf('\n', at);
          String[] fields =
              all.substring(from, to < 0 ? all.length() : to).strip().split("\\s+", -1);
          if (fields.length > INODE && fields[LOCAL].endsWith(end)) {
            sockets.add("socket:[" + fields[INODE] + "]");
          }
        }
      } catch (IOException noSuchTable) {
        // A machine without IPv6.
      }
    }
    return sockets;
  }

  private static boolean hasOneOf(Set<String> sockets, long pid) {
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : open) {
        if (Files.isSymbolicLink(descriptor)
            && sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
      return false;
    }
    return false;
  }
}
