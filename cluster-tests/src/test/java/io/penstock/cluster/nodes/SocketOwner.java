package io.penstock.cluster.nodes;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
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
  private static final int REMOTE = 2;
  private static final int INODE = 9;

  private SocketOwner() {}

  /**
   * The key of the process that has the socket with this port, connected to that one, or -1. The
   * system hands out one port for connections to several others: the first alone does not tell.
   *
   * @param pids process ids by key
   */
  static int find(int port, int remote, Map<Integer, Long> pids) {
    Set<String> sockets = socketsBetween(port, remote);
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

  private static Set<String> socketsBetween(int port, int remote) {
    String end = hex(port);
    String otherEnd = hex(remote);
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
          if (fields.length > INODE
              && fields[LOCAL].endsWith(end)
              && fields[REMOTE].endsWith(otherEnd)) {
            sockets.add("socket:[" + fields[INODE] + "]");
          }
        }
      } catch (IOException noSuchTable) {
        // A machine without IPv6.
      }
    }
    return sockets;
  }

  private static String hex(int port) {
    return ":" + String.format(Locale.ROOT, "%04X", port);
  }

  private static boolean hasOneOf(Set<String> sockets, long pid) {
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : open) {
        if (sockets.contains(target(descriptor))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException gone) {
      return false;
    }
    return false;
  }

  /** Empty where it was closed since it was listed, as happens all the time. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
