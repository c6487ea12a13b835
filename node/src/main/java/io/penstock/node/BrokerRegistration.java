package io.penstock.node;

import io.penstock.node.config.HostPort;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes this process a broker of the cluster. Blocks; used by the thread that starts the node. */
final class BrokerRegistration {

  private static final long WAIT_SECONDS = 30;

  private final ControlPlane control;

  BrokerRegistration(ControlPlane control) {
    this.control = control;
  }

  /** Registers under a new broker epoch, fenced; returns the epoch. */
  long register(HostPort reachable, @Nullable String rack, long previousEpoch)
      throws NodeStartException {
    return epochOf(
        new RegisterBroker(
            control.nodeId(),
            UUID.randomUUID(),
            reachable.host(),
            reachable.port(),
            rack,
            previousEpoch));
  }

  /** From here on the broker leads what it can. */
  void unfence(long brokerEpoch) throws NodeStartException {
    epochOf(new UnfenceBroker(control.nodeId(), brokerEpoch));
  }

  private long epochOf(LeadershipCommand command) throws NodeStartException {
    return switch (ask(command)) {
      case BrokerResult result when result.error().isNone() -> result.brokerEpoch();
      case BrokerResult result -> throw refused(result.error() + ": " + result.message());
      case Refused refused -> throw refused(refused.error() + ": " + refused.message());
      case LeadershipResult.TopicsResult other -> throw refused("answered " + other);
      case LeadershipResult.PartitionsResult other -> throw refused("answered " + other);
    };
  }

  /** What the control plane makes of a command, waited for. */
  LeadershipResult ask(LeadershipCommand command) throws NodeStartException {
    try {
      return control.propose(command).toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new NodeStartException(
          "the control plane did not take this broker in: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeStartException("interrupted while registering", e);
    }
  }

  private static NodeStartException refused(String why) {
    return new NodeStartException("the cluster refused this broker: " + why);
  }
}
