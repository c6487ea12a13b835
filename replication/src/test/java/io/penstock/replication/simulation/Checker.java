package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.simulation.SimReplicas.Hosted;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at every replica after every step, and at all that clients were told; throws where a
 * promise is broken.
 */
final class Checker {

  private final Simulation simulation;
  private final Map<ReplicaKey, PartitionCheck> partitions = new LinkedHashMap<>();
  private final List<Ack> acks = new ArrayList<>();
  private long acked;

  /** A batch of which a producer was told that it is stored on all replicas in sync. */
  private record Ack(
      ReplicaKey key, long producer, int epoch, int sequence, int records, long baseOffset) {}

  Checker(Simulation simulation) {
    this.simulation = simulation;
  }

  void addPartition(ReplicaKey key, Set<Long> carefulProducers) {
    partitions.put(key, new PartitionCheck(key, simulation, carefulProducers));
  }

  PartitionCheck partition(ReplicaKey key) {
    PartitionCheck found = partitions.get(key);
    if (found == null) {
      throw new AssertionError("no partition " + key);
    }
    return found;
  }

  /** How many batches were acknowledged as committed. */
  long ackedBatches() {
    return acked;
  }

  void acknowledged(
      ReplicaKey key, long producer, int epoch, int sequence, int records, long baseOffset) {
    acked++;
    acks.add(new Ack(key, producer, epoch, sequence, records, baseOffset));
  }

  void consumed(ReplicaKey key, long position, BatchInfo batch) {
    if (simulation.budget().isExcused(key)) {
      return;
    }
    BatchInfo expected = partition(key).history().at(position);
    if (!expected.equals(batch)) {
      throw new AssertionError(
          "a consumer of partition "
              + key.partition()
              + " is given "
              + batch
              + " at "
              + position
              + " where "
              + expected
              + " was committed");
    }
  }

  /** Something that was committed is not there any more. */
  void lost(ReplicaKey key, String how) {
    if (!simulation.budget().isExcused(key)) {
      throw new AssertionError("partition " + key.partition() + " lost records: " + how);
    }
  }

  void processEnded(SimNode node) {
    partitions.values().forEach(partition -> partition.replicas().remove(node.id()));
  }

  /** After every step. */
  void check() {
    for (SimNode node : simulation.nodes()) {
      SimBroker broker = node.broker();
      if (broker == null || broker.hasFailedDisk()) {
        continue;
      }
      for (Map.Entry<ReplicaKey, Hosted> entry : broker.replicas().hosted().entrySet()) {
        if (!simulation.budget().isExcused(entry.getKey())) {
          look(node, partition(entry.getKey()), entry.getValue());
        }
      }
    }
    checkAcks();
    partitions.forEach((key, partition) -> {
      if (!simulation.budget().isExcused(key)) {
        partition.checkInSync();
      }
    });
  }

  @SuppressWarnings("ReferenceEquality") // of the process that is there now, not of an equal one
  private void look(SimNode node, PartitionCheck partition, Hosted hosted) {
    ReplicaCheck replica = partition.replicas().get(node.id());
    if (replica == null || replica.hosted() != hosted) {
      replica = new ReplicaCheck(node.id(), partition, hosted, simulation.trace());
      partition.replicas().put(node.id(), replica);
    }
    try {
      replica.look();
    } catch (StorageException failure) {
      throw new AssertionError(replica.where(), failure);
    }
  }

  private void checkAcks() {
    for (Ack ack : acks) {
      if (simulation.budget().isExcused(ack.key)) {
        continue;
      }
      BatchInfo stored = partition(ack.key).history().at(ack.baseOffset);
      if (stored.baseOffset() != ack.baseOffset
          || stored.producerId() != ack.producer
          || stored.producerEpoch() != ack.epoch
          || stored.sequence() != ack.sequence
          || stored.records() != ack.records) {
        throw new AssertionError(ack + " was promised, but this is there: " + stored);
      }
    }
    acks.clear();
  }
}
