package io.penstock.cluster.nodes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What lies between the nodes of a cluster: a relay before the listener for peers of each. Who
 * calls is found by the process that has the other end of the connection, so that it needs neither
 * root nor anything in the nodes. While a node is cut off from another, no byte passes from it to
 * the other, in old connections or new ones, and no end of a connection does either, as where a
 * cable is pulled; afterwards what was on its way arrives. Where one direction is cut only, what
 * connections there were go on in the other, and no new ones come about.
 */
final class PeerNetwork implements AutoCloseable {
  private static final int CHUNK = 64 << 10;
  private static final int OWNER_TRIES = 5;
  private static final long OWNER_PAUSE_NS = 10_000_000;

  private final Supplier<Map<Integer, Long>> pids;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Long> cuts = new HashSet<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param pids the process of each node at the moment, by node id
   */
  PeerNetwork(Supplier<Map<Integer, Long>> pids) {
    this.pids = pids;
  }

  /** Relays what comes to {@code port} to {@code target}, where node {@code id} listens. */
  void relay(int id, int port, int target) throws IOException {
    ServerSocket server = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    keep(server);
    Thread.ofVirtual().start(() -> accept(server, id, target));
  }

  /** Cuts each of {@code some} off from each of {@code others}. */
  void cut(Set<Integer> some, Set<Integer> others) {
    cutOneWay(some, others);
    cutOneWay(others, some);
  }

  /** Lets nothing pass from any of {@code some} to any of {@code others}. */
  void cutOneWay(Set<Integer> some, Set<Integer> others) {
    lock.lock();
    try {
      some.forEach(a -> others.forEach(b -> cuts.add(direction(a, b))));
    } finally {
      lock.unlock();
    }
  }

  /** Ends all cuts. */
  void heal() {
    lock.lock();
    try {
      cuts.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long direction(int from, int to) {
    return ((long) from << 32) | (to & 0xffff_ffffL);
  }

  private void accept(ServerSocket server, int id, int target) {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        keep(caller);
        Thread.ofVirtual().start(() -> connect(caller, id, target));
      } catch (IOException ended) {
        return;
      }
    }
  }

  private void connect(Socket caller, int id, int target) {
    try {
      int from = ownerOf(caller);
      awaitPassageBothWays(from, id);
      Socket called = new Socket();
      keep(called);
      called.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      caller.setTcpNoDelay(true);
      called.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> pump(called, caller, id, from));
      pump(caller, called, from, id);
    } catch (IOException refused) {
      close(caller); // as near to a refused connection as a relay gets, where the node does not run
    }
  }

  /** Nobody passes whose cuts are not known: such a connection would outlast them all. */
  private int ownerOf(Socket caller) throws IOException {
    for (int i = 0; i < OWNER_TRIES; i++) {
      int owner = SocketOwner.find(caller.getPort(), caller.getLocalPort(), pids.get());
      if (owner >= 0) {
        return owner;
      }
      LockSupport.parkNanos(OWNER_PAUSE_NS);
    }
    throw new IOException("no node has the connection from port " + caller.getPort());
  }

  private void pump(Socket from, Socket to, int sender, int receiver) {
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        awaitPassage(sender, receiver);
        out.write(chunk, 0, read);
      }
    } catch (IOException ended) {
      // The other direction ends with this one.
    }
    awaitPassage(sender, receiver);
    close(from);
    close(to);
  }

  private void awaitPassage(int from, int to) {
    lock.lock();
    try {
      while (!closed && cuts.contains(direction(from, to))) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitPassageBothWays(int a, int b) {
    lock.lock();
    try {
      while (!closed && (cuts.contains(direction(a, b)) || cuts.contains(direction(b, a)))) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void keep(AutoCloseable one) {
    lock.lock();
    try {
      open.add(one);
      if (closed) {
        close(one);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception ignored) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      open.forEach(PeerNetwork::close);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
