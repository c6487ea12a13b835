package io.penstock.replication.liveness;

/** Told of what befalls a broker, in order, on the loop: it must not block. */
@FunctionalInterface
public interface BrokerListener {

  void stateChanged(BrokerState from, BrokerState to, String why);

  /**
   * There was no contact with the majority for a session, see {@link BrokerLifecycle#isCutOff};
   * told again and again while that lasts.
   */
  default void cutOff() {}
}
