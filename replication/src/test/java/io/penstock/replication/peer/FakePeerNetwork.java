package io.penstock.replication.peer;

import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Several nodes of one JVM, connected in memory, and everything that can go wrong between them.
 * Each node has one network thread, on which its handlers and its answers run, so what blocks there
 * is found. A direction between two nodes keeps its order, as a connection does, whatever its
 * delays.
 *
 * <ul>
 *   <li>{@link #cut}: bytes vanish; who asked sees {@code TIMEOUT}.
 *   <li>{@link #pause}: bytes to and from the node wait, and go on when it is resumed, as with a
 *       stopped process or a stopped machine; who asked sees {@code TIMEOUT}.
 *   <li>{@link #refuse}: the process is gone: what was asked of it ends with {@code LOST}, watchers
 *       are told, and then everything is {@code REFUSED} until {@link #accept}, which is another
 *       incarnation.
 * </ul>
 */
public final class FakePeerNetwork implements AutoCloseable {

  private static final int IN_FLIGHT_MAX = 4096;

  private final Random random;
  private final Object lock = new Object();
  private final Map<Integer, Node> nodes = new ConcurrentHashMap<>();
  private final Map<PeerApi, Integer> delivered = new EnumMap<>(PeerApi.class);
  private long delayMinUs;
  private long delayMaxUs;

  /** Delays are drawn from the seed; there are none until {@link #delay} is called. */
  public FakePeerNetwork(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Adds a node, which listens at once but answers {@code UNSUPPORTED} to what it cannot handle.
   */
  public Node add(int nodeId) {
    return add(nodeId, new Address("node" + nodeId, 9093));
  }

  public Node add(int nodeId, Address address) {
    Node node = new Node(nodeId, address);
    if (nodes.putIfAbsent(nodeId, node) != null) {
      throw new IllegalArgumentException("node " + nodeId + " is there already");
    }
    return node;
  }

  /** The node, or null where it was never added. */
  public @Nullable Node find(int nodeId) {
    return nodes.get(nodeId);
  }

  public Node node(int nodeId) {
    Node node = nodes.get(nodeId);
    if (node == null) {
      throw new IllegalArgumentException("no node " + nodeId);
    }
    return node;
  }

  /** From now on bytes between the two vanish. */
  public void cut(int a, int b) {
    cutOneWay(a, b);
    cutOneWay(b, a);
  }

  /** From now on bytes from one to the other vanish, be they requests or answers. */
  public void cutOneWay(int from, int to) {
    synchronized (lock) {
      node(from).linkTo(to).cut = true;
    }
  }

  /** How much of what was to go from one to the other never left. */
  public int vanished(int from, int to) {
    synchronized (lock) {
      return node(from).linkTo(to).vanished;
    }
  }

  /** Cuts a node off from all others. */
  public void isolate(int nodeId) {
    for (Node other : nodes.values()) {
      if (other.nodeId != nodeId) {
        cut(nodeId, other.nodeId);
      }
    }
  }

  public void heal(int a, int b) {
    synchronized (lock) {
      node(a).linkTo(b).cut = false;
      node(b).linkTo(a).cut = false;
    }
  }

  /** Mends all that was cut; paused and refusing nodes stay as they are. */
  public void heal() {
    synchronized (lock) {
      for (Node node : nodes.values()) {
        node.links.values().forEach(link -> link.cut = false);
      }
    }
  }

  /** Holds what goes to and comes from the node. Its threads run on: only the network stops. */
  public void pause(int nodeId) {
    synchronized (lock) {
      node(nodeId).paused = true;
    }
  }

  public void resume(int nodeId) {
    List<Delivery> due;
    synchronized (lock) {
      Node node = node(nodeId);
      node.paused = false;
      due = List.copyOf(node.held);
      node.held.clear();
    }
    due.forEach(Delivery::send);
  }

  /** The node's process is gone. */
  public void refuse(int nodeId) {
    Node gone = node(nodeId);
    List<Exchange> lost = new ArrayList<>();
    synchronized (lock) {
      gone.refusing = true;
      gone.held.clear();
      for (Node node : nodes.values()) {
        for (Exchange exchange : node.inFlight) {
          if (exchange.from == gone || exchange.to == gone) {
            lost.add(exchange);
          }
        }
      }
    }
    lost.forEach(exchange -> exchange.fail(PeerException.Kind.LOST, "the connection ended"));
    for (Node node : nodes.values()) {
      Link link = node.links.get(nodeId);
      Link back = gone.links.get(node.nodeId);
      if (node != gone && ((link != null && link.used) || (back != null && back.used))) {
        PeerCaller caller = gone.caller();
        var _ =
            node.run(0, () -> node.watchers.forEach(w -> w.connectionLost(caller, gone.address)));
      }
    }
  }

  /** Another process listens at the node's address; its handlers are registered anew. */
  public void accept(int nodeId) {
    synchronized (lock) {
      Node node = node(nodeId);
      node.refusing = false;
      node.paused = false;
      node.incarnation = UUID.randomUUID();
      node.handlers.clear();
      node.watchers.clear();
    }
  }

  /** From now on each way takes a time between the two, drawn from the seed. */
  public void delay(long minUs, long maxUs) {
    synchronized (lock) {
      delayMinUs = minUs;
      delayMaxUs = maxUs;
    }
  }

  /** How many requests of a kind have reached a handler, over all nodes. */
  public int delivered(PeerApi api) {
    synchronized (lock) {
      return delivered.getOrDefault(api, 0);
    }
  }

  @Override
  public void close() {
    for (Node node : nodes.values()) {
      node.thread.shutdownNow();
      for (Exchange exchange : List.copyOf(node.inFlight)) {
        exchange.answer.completeExceptionally(
            new PeerException(PeerException.Kind.CLOSED, "the network is closed"));
      }
    }
  }

  private @Nullable Node listenerAt(Address address) {
    for (Node node : nodes.values()) {
      if (node.address.equals(address)) {
        return node;
      }
    }
    return null;
  }

  /** One node: the network as it sees it, and what it answers with. */
  public final class Node implements PeerNetwork {

    private final int nodeId;
    private final Address address;
    private final Map<PeerApi, PeerHandler> handlers = new ConcurrentHashMap<>();
    private final List<PeerWatcher> watchers = new CopyOnWriteArrayList<>();
    private final Map<Integer, Link> links = new ConcurrentHashMap<>();
    private final List<Delivery> held = new ArrayList<>();
    private final List<Exchange> inFlight = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor thread;
    private volatile UUID incarnation = UUID.randomUUID();
    private boolean paused;
    private boolean refusing;

    private Node(int nodeId, Address address) {
      this.nodeId = nodeId;
      this.address = address;
      this.thread =
          new ScheduledThreadPoolExecutor(
              1, Thread.ofPlatform().daemon().name("fake-network-" + nodeId).factory());
      thread.setRemoveOnCancelPolicy(true);
    }

    public int nodeId() {
      return nodeId;
    }

    public Address address() {
      return address;
    }

    public PeerCaller caller() {
      return new PeerCaller(nodeId, incarnation);
    }

    public void handle(PeerApi api, PeerHandler handler) {
      handlers.put(api, handler);
    }

    public void handle(Map<PeerApi, PeerHandler> all) {
      handlers.putAll(all);
    }

    public void watch(PeerWatcher watcher) {
      watchers.add(watcher);
    }

    @Override
    public CompletionStage<byte[]> ask(Address to, PeerApi api, byte[] body, long timeoutMs) {
      Node target = listenerAt(to);
      Exchange exchange = new Exchange(this, target, api, body);
      if (inFlight.size() >= IN_FLIGHT_MAX) {
        exchange.fail(PeerException.Kind.BUSY, "too much is under way");
        return exchange.answer;
      }
      inFlight.add(exchange);
      Future<?> timeout =
          run(
              TimeUnit.MILLISECONDS.toNanos(timeoutMs),
              () -> exchange.failNow(PeerException.Kind.TIMEOUT, "no answer of " + to));
      var _ =
          exchange.answer.whenComplete((_, _) -> {
            inFlight.remove(exchange);
            timeout.cancel(false);
          });
      exchange.begin();
      return exchange.answer;
    }

    private Link linkTo(int other) {
      return links.computeIfAbsent(other, _ -> new Link());
    }

    private Future<?> run(long delayNs, Runnable task) {
      try {
        return thread.schedule(task, delayNs, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException _) {
        return CompletableFuture.completedFuture(null); // the network is closed
      }
    }
  }

  /** One direction between two nodes. */
  private static final class Link {
    private final Queue<Delivery> underWay = new ConcurrentLinkedQueue<>();
    private boolean cut;
    private int vanished;
    private boolean used;

    private Delivery next() {
      return underWay.remove();
    }
  }

  /** Something under way from one node to another. */
  private final class Delivery {
    private final Node from;
    private final Node to;
    private final Runnable arrival;

    private Delivery(Node from, Node to, Runnable arrival) {
      this.from = from;
      this.to = to;
      this.arrival = arrival;
    }

    private void send() {
      synchronized (lock) {
        if (from.refusing || to.refusing || from.linkTo(to.nodeId).cut) {
          from.linkTo(to.nodeId).vanished++;
          return;
        }
        if (from.paused || to.paused) {
          (from.paused ? from : to).held.add(this);
          return;
        }
        Link link = from.linkTo(to.nodeId);
        link.used = true;
        link.underWay.add(this);
        long delayUs =
            delayMaxUs == 0 ? 0 : delayMinUs + random.nextLong(delayMaxUs - delayMinUs + 1);
        // Whichever comes first lets the oldest arrive.
        var _ = to.run(TimeUnit.MICROSECONDS.toNanos(delayUs), () -> link.next().arrive());
      }
    }

    /** What was cut, paused or killed while it was under way does not arrive either. */
    private void arrive() {
      synchronized (lock) {
        if (to.refusing || from.linkTo(to.nodeId).cut) {
          return;
        }
        if (to.paused) {
          to.held.add(this);
          return;
        }
      }
      arrival.run();
    }
  }

  /** A request and its answer. */
  private final class Exchange {
    private final Node from;
    private final @Nullable Node to;
    private final PeerApi api;
    private final byte[] body;
    private final PeerCaller caller;
    private final CompletableFuture<byte[]> answer = new CompletableFuture<>();

    private Exchange(Node from, @Nullable Node to, PeerApi api, byte[] body) {
      this.from = from;
      this.to = to;
      this.api = api;
      this.body = body;
      this.caller = from.caller();
    }

    private void begin() {
      Node target = to;
      synchronized (lock) {
        if (from.refusing) {
          fail(PeerException.Kind.CLOSED, "this node is gone");
          return;
        }
        boolean cut = target != null && from.linkTo(target.nodeId).cut;
        if (target == null || (target.refusing && !cut)) {
          fail(PeerException.Kind.REFUSED, "nobody listens there");
          return;
        }
      }
      new Delivery(from, target, () -> serve(target)).send();
    }

    private void serve(Node target) {
      PeerHandler handler = target.handlers.get(api);
      if (handler == null) {
        reply(target, () -> failNow(PeerException.Kind.UNSUPPORTED, "no " + api + " here"));
        return;
      }
      synchronized (lock) {
        delivered.merge(api, 1, Integer::sum);
      }
      CompletionStage<byte[]> served;
      try {
        served = handler.handle(caller, body.clone());
      } catch (RuntimeException e) {
        served = CompletableFuture.failedFuture(e);
      }
      var _ =
          served.whenComplete((bytes, failure) -> {
            if (failure == null) {
              reply(target, () -> answer.complete(bytes.clone()));
              return;
            }
            Throwable cause = failure.getCause();
            Throwable told =
                failure instanceof CompletionException && cause != null ? cause : failure;
            reply(target, () -> failNow(PeerException.Kind.FAILED, String.valueOf(told)));
          });
    }

    private void reply(Node target, Runnable arrival) {
      new Delivery(target, from, arrival).send();
    }

    /** On the network thread of who asked, as with a real connection. */
    private void fail(PeerException.Kind kind, String message) {
      var _ = from.run(0, () -> failNow(kind, message));
    }

    private void failNow(PeerException.Kind kind, String message) {
      answer.completeExceptionally(new PeerException(kind, message));
    }
  }
}
