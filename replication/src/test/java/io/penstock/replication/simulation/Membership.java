package io.penstock.replication.simulation;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * A broker's side of the quorum: it registers, sends heartbeats, proposes with retries, and sees
 * images late and in bursts. A proposal completes after this broker's image shows it.
 */
final class Membership {

  private static final long HEARTBEAT_US = 150 * SimTime.MS;
  private static final long RETRY_MS = 700;
  private static final int TRIES = 4;

  private final int node;
  private final UUID incarnation;
  private final long previousEpoch;
  private final List<UUID> directories;
  private final SimProcess process;
  private final SimNetwork network;
  private final Quorum quorum;
  private final Random random;
  private final BiConsumer<ClusterImage, ClusterImage> onImage;
  private ClusterImage shown = ClusterImage.EMPTY;
  private int seen;
  private long epoch = -1;
  private boolean serving;
  private long lateness;
  private long contactMs = Long.MIN_VALUE;

  Membership(
      SimNode node,
      SimProcess process,
      UUID incarnation,
      long previousEpoch,
      Simulation simulation,
      BiConsumer<ClusterImage, ClusterImage> onImage) {
    this.node = node.id();
    this.process = process;
    this.incarnation = incarnation;
    this.previousEpoch = previousEpoch;
    this.directories = List.of(node.directoryId());
    this.network = simulation.network();
    this.quorum = simulation.quorum();
    this.random = simulation.random();
    this.onImage = onImage;
  }

  void start() {
    beat();
    process.every(HEARTBEAT_US, this::beat);
  }

  UUID incarnation() {
    return incarnation;
  }

  long epoch() {
    return epoch;
  }

  /** When it sent what the quorum has answered last. */
  long contactMs() {
    return contactMs;
  }

  ClusterImage image() {
    return new ClusterImage(leadership(), MetadataImage.EMPTY);
  }

  LeadershipImage leadership() {
    return quorum.image(seen);
  }

  /** Whether it asks to be unfenced: not before its logs are open, nor when it is about to stop. */
  void serve(boolean wanted) {
    serving = wanted;
  }

  /** From now on it sees images so much later, at most. */
  void learnLate(long byUs) {
    lateness = byUs;
  }

  private void beat() {
    if (epoch < 0) {
      Address address = SimPeers.addressOf(node);
      RegisterBroker command =
          new RegisterBroker(node, incarnation, address, address, null, previousEpoch, directories);
      network.send(node, SimNetwork.QUORUM, () -> quorum.propose(command, (_, _) -> {}));
    }
    int imageSeen = seen;
    boolean wanted = serving && epoch >= 0;
    long sentMs = process.nowMs();
    network.send(
        node,
        SimNetwork.QUORUM,
        () -> {
          quorum.heartbeat(node, incarnation, imageSeen, wanted);
          network.send(SimNetwork.QUORUM, node, () -> process.execute(() -> answered(sentMs)));
        });
    look();
  }

  private void answered(long sentMs) {
    contactMs = Math.max(contactMs, sentMs);
  }

  /** Asks for the newest image, as often as there may be one. */
  void look() {
    network.send(
        SimNetwork.QUORUM,
        node,
        () -> {
          int index = quorum.index();
          long delayUs = lateness == 0 ? 0 : random.nextLong(lateness);
          process.after(delayUs, () -> see(index));
        });
  }

  private void see(int index) {
    if (index <= seen) {
      return;
    }
    ClusterImage before = shown;
    seen = index;
    BrokerImage self = leadership().broker(node);
    if (self != null && self.incarnation().equals(incarnation)) {
      epoch = self.epoch();
    }
    if (epoch >= 0) {
      // Before that, an image may say what a former process was.
      shown = image();
      onImage.accept(before, shown);
    }
  }

  CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    CompletableFuture<LeadershipResult> result = new CompletableFuture<>();
    attempt(command, result, TRIES);
    return result;
  }

  /** The same proposal may be taken twice: its outcome is the first that comes back. */
  private void attempt(
      LeadershipCommand command, CompletableFuture<LeadershipResult> result, int triesLeft) {
    if (result.isDone()) {
      return;
    }
    if (triesLeft == 0) {
      result.completeExceptionally(new ControlUnavailableException("no answer"));
      return;
    }
    network.send(
        node,
        SimNetwork.QUORUM,
        () ->
            quorum.propose(
                command,
                (index, outcome) ->
                    network.send(
                        SimNetwork.QUORUM,
                        node,
                        () -> process.execute(() -> answer(index, outcome, result)))));
    process.after(RETRY_MS * SimTime.MS, () -> attempt(command, result, triesLeft - 1));
  }

  private void answer(
      int index, LeadershipResult outcome, CompletableFuture<LeadershipResult> result) {
    see(index);
    result.complete(outcome);
  }
}
