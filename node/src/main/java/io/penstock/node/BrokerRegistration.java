package io.penstock.node;

import io.penstock.node.config.HostPort;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.value.Address;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes this process a broker of the cluster. Blocks; used by the thread that starts the node. */
final class BrokerRegistration {

  private static final long WAIT_SECONDS = 30;
  private static final long PRODUCER_IDS_LEFT_OUT_MAX = 1_000_000_000L;
  private static final long PRODUCER_IDS_IN_COMMAND = 100_000;

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
            new Address(reachable.host(), reachable.port()),
            new Address(reachable.host(), reachable.port()),
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
    return await(control.propose(command));
  }

  /**
   * Sees to it that nobody is given this producer id, or a lower one: a log that has seen an id
   * takes a new producer of that id for the old one, and its records for repetitions.
   */
  void leaveOutProducerIds(long highest) throws NodeStartException {
    long next = control.image().metadata().nextProducerId();
    if (highest - next > PRODUCER_IDS_LEFT_OUT_MAX) {
      throw new NodeStartException(
          "logs name producer id " + highest + ", which is too high to go on from");
    }
    while (next <= highest) {
      int count = (int) Math.min(PRODUCER_IDS_IN_COMMAND, highest - next + 1);
      MetadataResult result =
          await(control.propose(new AllocateProducerIds(control.nodeId(), count)));
      if (!(result instanceof ProducerIdBlock(long first, int taken))) {
        throw refused("answered " + result);
      }
      next = first + taken;
    }
  }

  /** The outcome of something that was proposed. */
  <T> T await(CompletionStage<T> result) throws NodeStartException {
    try {
      return result.toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
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
