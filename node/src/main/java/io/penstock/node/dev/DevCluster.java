package io.penstock.node.dev;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs the nodes of a {@link DevLayout} as children, says what becomes of them, and keeps {@code
 * DIR/nodes} current. A node that dies is reported and not started again: who started a cluster to
 * see what a death does wants to see it. One that somebody starts again by {@code penstock server}
 * is listed again, and left alone at the end. Its lock guards everything but the children.
 */
public final class DevCluster implements NodeChild.Watcher {

  private static final long STOP_MS_MAX = 35_000;

  /** By SIGTERM before there was anything to stop in order. */
  private static final int ENDED_IN_START = 128 + 15;

  private static final long LOOK_MS = 200;

  private final DevLayout layout;
  private final List<String> command;
  private final PrintStream out;
  private final PrintStream err;
  private final NodesFile nodesFile;
  private final Map<Integer, NodeChild> children = new TreeMap<>();
  private final Map<Integer, Long> foreign = new TreeMap<>();
  private final Set<Integer> up = new TreeSet<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private boolean started;
  private boolean announced;
  private boolean stopping;
  private volatile boolean failed;

  /**
   * Starts nothing yet.
   *
   * @param command how {@code penstock} is run on this machine
   */
  public DevCluster(DevLayout layout, List<String> command, PrintStream out, PrintStream err) {
    this.layout = layout;
    this.command = List.copyOf(command);
    this.out = out;
    this.err = err;
    this.nodesFile = new NodesFile(layout.directory());
  }

  /**
   * Runs until {@link #stop}, or until every node has ended without one of them having come up.
   * Returns the exit code.
   */
  public int run() throws DevException {
    try (FileChannel _ = lock()) {
      return runLocked();
    } catch (IOException e) {
      throw new DevException("cannot run the cluster: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException byThisProcess) {
      return false;
    }
  }

  private int runLocked() throws IOException, DevException, InterruptedException {
    try {
      layout.write();
      startAll();
      while (!over.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
        lookForOthers();
      }
      return Math.max(stop(), failed ? 1 : 0);
    } finally {
      stop();
    }
  }

  private FileChannel lock() throws IOException, DevException {
    Files.createDirectories(layout.directory());
    Path file = layout.directory().resolve(".dev-lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isTaken(channel)) {
      channel.close();
      throw new DevException(
          "another `penstock dev` runs in "
              + layout.directory()
              + "; stop that one, or name another directory with --data");
    }
    return channel;
  }

  private synchronized void startAll() throws IOException {
    nodesFile.clear();
    started = true;
    for (DevNode node : layout.nodes()) {
      if (stopping) {
        return;
      }
      NodeChild child = NodeChild.start(node, command, this);
      children.put(node.id(), child);
      nodesFile.running(node, child.pid());
      say(node, "starting, pid " + child.pid() + ", port " + node.port());
    }
  }

  @Override
  public synchronized void said(DevNode node, String line) {
    if (line.startsWith("bootstrap ")) {
      say(node, "up, clients at " + node.bootstrap());
      up.add(node.id());
      announce();
    } else if (line.startsWith("admin ")) {
      say(node, line);
    } else if (line.startsWith("state ")) {
      say(node, line.substring("state ".length()));
    }
  }

  private void announce() {
    if (announced || up.size() < layout.nodes().size()) {
      return;
    }
    announced = true;
    String first = layout.nodes().getFirst().bootstrap();
    out.println("bootstrap " + layout.bootstrap());
    out.println("data " + layout.directory());
    out.println("try: penstock topics create greetings --bootstrap " + first);
    out.flush();
  }

  @Override
  public void complained(DevNode node, String line) {
    err.println("node " + node.id() + " | " + line);
  }

  @Override
  public synchronized void ended(DevNode node, int exitCode) {
    children.remove(node.id());
    try {
      nodesFile.gone(node);
    } catch (IOException e) {
      say(node, "cannot be taken from DIR/nodes: " + e.getMessage());
    }
    if (stopping) {
      say(node, isInOrder(exitCode) ? "stopped" : "stopped with exit code " + exitCode);
      return;
    }
    say(node, "died, exit code " + exitCode + "; it is started again by:");
    say(node, "  penstock server --config " + node.configuration());
    if (children.isEmpty() && up.isEmpty()) {
      failed = true;
      over.countDown();
    }
  }

  /** Nodes that were started again by hand are known by the locks of their data directories. */
  private synchronized void lookForOthers() throws IOException {
    for (DevNode node : layout.nodes()) {
      if (stopping || children.containsKey(node.id())) {
        continue;
      }
      long pid = DataLock.owner(node.data());
      Long before = pid < 0 ? foreign.remove(node.id()) : foreign.put(node.id(), pid);
      if (pid >= 0 && (before == null || before != pid)) {
        nodesFile.running(node, pid);
        say(node, "runs again, started elsewhere, pid " + pid);
      } else if (pid < 0 && before != null) {
        nodesFile.gone(node);
        say(node, "has ended, pid " + before);
      }
    }
  }

  /**
   * Stops every child: in order where it does so in time, by force otherwise. Returns the exit
   * code. Any thread may call it, again and again.
   */
  public int stop() {
    List<NodeChild> left;
    synchronized (this) {
      stopping = true;
      if (!started) {
        return 0;
      }
      left = List.copyOf(children.values());
    }
    left.forEach(NodeChild::stop);
    int code = 0;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MS_MAX);
    try {
      for (NodeChild child : left) {
        if (!child.hasEndedWithin((deadline - System.nanoTime()) / 1_000_000)) {
          child.kill();
          child.hasEndedWithin(STOP_MS_MAX);
        }
        code = Math.max(code, isInOrder(child.exitCode()) ? 0 : 1);
      }
      nodesFile.clear();
      over.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      left.forEach(NodeChild::kill);
      code = 1;
    } catch (IOException e) {
      err.println("penstock: cannot clear DIR/nodes: " + e.getMessage());
      code = 1;
    }
    return code;
  }

  private static boolean isInOrder(int exitCode) {
    return exitCode == 0 || exitCode == ENDED_IN_START;
  }

  private void say(DevNode node, String what) {
    out.println("node " + node.id() + ": " + what);
    out.flush();
  }
}
