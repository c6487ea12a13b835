package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.simulation.ClientServer.Consumed;
import java.util.Random;

/**
 * Reads one partition from its beginning up to the high watermark, from the leader or, now and
 * then, from any replica; all that it is given goes to the checker.
 */
final class SimConsumer {

  private static final int TIMEOUT_MS = 700;

  private final ReplicaKey key;
  private final boolean readsReplicas;
  private final int paceMs;
  private final Simulation simulation;
  private final Random random;
  private long position;
  private int knownEpoch = -1;
  private long attempt;

  SimConsumer(ReplicaKey key, boolean readsReplicas, Simulation simulation) {
    this.key = key;
    this.readsReplicas = readsReplicas;
    this.simulation = simulation;
    this.random = simulation.random();
    this.paceMs = 20 + random.nextInt(300);
  }

  ReplicaKey key() {
    return key;
  }

  long position() {
    return position;
  }

  void start() {
    later(random.nextInt(600), this::ask);
  }

  private void later(long ms, Runnable task) {
    simulation.time().after(ms * SimTime.MS, task);
  }

  private void ask() {
    PartitionImage partition = simulation.partitionAsSeenBySomebody(key);
    if (partition == null || partition.leaderEpoch() < knownEpoch || !partition.hasLeader()) {
      later(20 + random.nextInt(50), this::ask);
      return;
    }
    knownEpoch = partition.leaderEpoch();
    boolean fromLeader = !readsReplicas || random.nextBoolean();
    int from =
        fromLeader
            ? partition.leader()
            : partition.replicas().get(random.nextInt(partition.replicas().size()));
    SimBroker broker = simulation.node(from).broker();
    if (broker == null) {
      later(20 + random.nextInt(50), this::ask);
      return;
    }
    long number = ++attempt;
    long offset = position;
    int epoch = knownEpoch;
    simulation
        .network()
        .send(
            SimNetwork.CLIENTS,
            from,
            () ->
                broker
                    .process()
                    .execute(() ->
                        broker
                            .clientServer()
                            .consume(
                                key,
                                offset,
                                epoch,
                                fromLeader,
                                consumed ->
                                    simulation
                                        .network()
                                        .send(
                                            from,
                                            SimNetwork.CLIENTS,
                                            () -> answered(number, fromLeader, consumed)))));
    later(TIMEOUT_MS, () -> timeOut(number));
  }

  private void timeOut(long number) {
    if (number == attempt) {
      attempt++;
      ask();
    }
  }

  private void answered(long number, boolean fromLeader, Consumed consumed) {
    if (number != attempt) {
      return;
    }
    attempt++;
    switch (consumed) {
      case Consumed.Batches(var batches, _, _) -> {
        for (BatchInfo batch : batches) {
          if (batch.lastOffset() >= position) {
            simulation.checker().consumed(key, position, batch);
            position = batch.lastOffset() + 1;
          }
        }
      }
      case Consumed.Refused(Refusal refusal, long logStart) -> {
        if (refusal == Refusal.OFFSET_OUT_OF_RANGE && fromLeader) {
          if (position >= logStart) {
            simulation.checker().lost(key, "a consumer has read to " + position);
          } else {
            position = logStart;
          }
        }
      }
    }
    later(1 + random.nextInt(paceMs), this::ask);
  }
}
