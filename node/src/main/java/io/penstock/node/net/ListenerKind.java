package io.penstock.node.net;

/** Who connects to a listener, as far as sockets and metrics have to know. */
public enum ListenerKind {
  /** Clients may end their side and still wait for answers. */
  CLIENTS("penstock.", "penstock-loop", true),
  /**
   * Nodes of the cluster. One that ends its side is gone, and every millisecond until that is
   * noticed counts.
   */
  PEERS("penstock.peer.", "penstock-peer", false);

  private final String metricPrefix;
  private final String threadName;
  private final boolean halfClosure;

  ListenerKind(String metricPrefix, String threadName, boolean halfClosure) {
    this.metricPrefix = metricPrefix;
    this.threadName = threadName;
    this.halfClosure = halfClosure;
  }

  /** What the names of its metrics begin with. */
  String metricPrefix() {
    return metricPrefix;
  }

  String threadName() {
    return threadName;
  }

  /** Whether a connection stays until all is answered when the other side sends no more. */
  boolean halfClosure() {
    return halfClosure;
  }
}
