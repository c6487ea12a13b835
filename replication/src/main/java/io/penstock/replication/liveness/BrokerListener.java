package io.penstock.replication.liveness;

/** Told of each change of a broker's state, in order, on the loop: it must not block. */
@FunctionalInterface
public interface BrokerListener {

  void stateChanged(BrokerState from, BrokerState to, String why);
}
