package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.simulation.SimReplicas.Hosted;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStateView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The end of a schedule, some time after everything was mended: all producers are done, all
 * replicas in sync and alike to the byte, and what they know beside the records fits the records.
 */
final class EndCheck {

  private final Simulation simulation;
  private final UUID topic;
  private final List<SimProducer> producers;
  private final List<SimConsumer> consumers;

  EndCheck(
      Simulation simulation, UUID topic, List<SimProducer> producers, List<SimConsumer> consumers) {
    this.simulation = simulation;
    this.topic = topic;
    this.producers = producers;
    this.consumers = consumers;
  }

  boolean isSettled() {
    return producers.stream().allMatch(this::isDone)
        && partitions().stream().allMatch(this::isCalm);
  }

  private boolean isDone(SimProducer producer) {
    return producer.isDone() || simulation.budget().isExcused(producer.key());
  }

  private List<ReplicaKey> partitions() {
    List<ReplicaKey> keys = new ArrayList<>();
    for (int i = 0; i < simulation.plan().partitions(); i++) {
      keys.add(new ReplicaKey(topic, i));
    }
    return keys;
  }

  private @Nullable PartitionImage image(ReplicaKey key) {
    return simulation.quorum().newest().partition(key.topicId(), key.partition());
  }

  private boolean isCalm(ReplicaKey key) {
    PartitionImage partition = image(key);
    if (partition == null) {
      return false;
    }
    if (simulation.budget().isExcused(key)) {
      return true;
    }
    List<Hosted> replicas = replicas(key, partition);
    long end = simulation.checker().partition(key).history().end();
    return partition.hasLeader()
        && partition.isr().size() == partition.replicas().size()
        && replicas.size() == partition.replicas().size()
        && replicas.stream()
            .map(Hosted::replica)
            .allMatch(replica ->
                replica.highWatermark() == end
                    && replica.logEndOffset() == end
                    && isAsTheImageSays(replica, partition))
        && consumers.stream()
            .allMatch(consumer -> !consumer.key().equals(key) || consumer.position() == end);
  }

  private static boolean isAsTheImageSays(PartitionReplica replica, PartitionImage partition) {
    return replica.leaderEpoch() == partition.leaderEpoch()
        && !(replica.role() instanceof ReplicaRole.Offline);
  }

  private List<Hosted> replicas(ReplicaKey key, PartitionImage partition) {
    List<Hosted> found = new ArrayList<>();
    for (int id : partition.replicas().toList()) {
      SimBroker broker = simulation.node(id).broker();
      Hosted hosted = broker == null ? null : broker.replicas().hosted().get(key);
      if (hosted != null) {
        found.add(hosted);
      }
    }
    return found;
  }

  void check() {
    for (ReplicaKey key : partitions()) {
      PartitionImage partition = image(key);
      if (partition != null && !simulation.budget().isExcused(key)) {
        check(key, replicas(key, partition));
      }
    }
  }

  private void check(ReplicaKey key, List<Hosted> replicas) {
    History history = simulation.checker().partition(key).history();
    for (Hosted replica : replicas) {
      String where = "a replica at the end, " + replica.log().id();
      try {
        ReplicaMirror mirror = new ReplicaMirror(replica.log());
        mirror.follow();
        if (mirror.end() != history.end()) {
          throw new AssertionError(where + " ends at " + mirror.end() + " of " + history.end());
        }
        history.check(mirror, 0, history.end(), true, where);
        checkProducers(mirror, where);
        checkEpochs(replica, mirror);
      } catch (StorageException failure) {
        throw new AssertionError(where, failure);
      }
    }
  }

  /** It knows the epochs of its batches; it may know of some without any, too. */
  private static void checkEpochs(Hosted replica, ReplicaMirror mirror) {
    long start = replica.log().logStartOffset();
    for (BatchInfo batch : mirror.batches()) {
      int known = replica.log().leaderEpochAt(Math.max(start, batch.baseOffset()));
      if (known != batch.leaderEpoch()) {
        throw new AssertionError(replica.log().id() + " takes " + batch + " for of epoch " + known);
      }
    }
  }

  private static void checkProducers(ReplicaMirror mirror, String where) {
    Map<Long, BatchInfo> last = new HashMap<>();
    mirror.batches().forEach(batch -> last.put(batch.producerId(), batch));
    for (ProducerStateView view : mirror.log().producers()) {
      BatchInfo batch = last.remove(view.producerId());
      if (batch != null
          && (view.producerEpoch() != batch.producerEpoch()
              || view.lastOffset() != batch.lastOffset()
              || view.lastSequence() != batch.sequence() + batch.records() - 1)) {
        throw new AssertionError(where + " knows " + view + ", its last batch is " + batch);
      }
    }
    if (!last.isEmpty()) {
      throw new AssertionError(where + " has forgotten producers " + last);
    }
  }

  String describe() {
    StringBuilder text = new StringBuilder();
    for (SimProducer producer : producers) {
      if (!isDone(producer)) {
        text.append(producer.describe()).append('\n');
      }
    }
    for (ReplicaKey key : partitions()) {
      PartitionImage partition = image(key);
      text.append(key.partition()).append(": ").append(partition);
      text.append(" committed ").append(simulation.checker().partition(key).history().end());
      text.append('\n');
      simulation
          .checker()
          .partition(key)
          .replicas()
          .values()
          .forEach(replica -> text.append("  ").append(replica.where()).append('\n'));
    }
    consumers.forEach(
        consumer -> text.append("consumer at ").append(consumer.position()).append('\n'));
    return text.toString();
  }
}
