package io.penstock.node;

import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a start asks of the control plane, waited for. Used by the thread that starts the node. */
final class StartProposals {

  private static final long WAIT_SECONDS = 30;
  private static final long PRODUCER_IDS_LEFT_OUT_MAX = 1_000_000_000L;
  private static final long PRODUCER_IDS_IN_COMMAND = 100_000;

  private final ControlPlane control;

  StartProposals(ControlPlane control) {
    this.control = control;
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
      throw new NodeStartException("the control plane did not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeStartException("interrupted while starting", e);
    }
  }

  private static NodeStartException refused(String why) {
    return new NodeStartException("the cluster refused: " + why);
  }
}
