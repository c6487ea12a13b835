package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaHandle;
import io.penstock.replication.partition.RoleObserver;
import io.penstock.replication.partition.Wakeups;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of a simulated broker, kept in step with the image that it sees: what {@code
 * PartitionRegistry} does, without its threads. Logs are opened one after another, some time later.
 */
final class SimReplicas {

  private static final int OPEN_US_MAX = 40_000;
  private static final long RETRY_US = 500 * SimTime.MS;

  /** A replica and its log, which the checker looks into. */
  record Hosted(ReplicaHandle handle, PartitionLog log) {
    PartitionReplica replica() {
      return handle.replica();
    }
  }

  private final int node;
  private final SimStorage storage;
  private final SimProcess process;
  private final Random random;
  private final Supplier<LeadershipImage> image;
  private final Consumer<StorageException> onDiskFailure;
  private final List<RoleObserver> observers = new ArrayList<>();
  private final Wakeups wakeups = new Wakeups();
  private final Map<ReplicaKey, Hosted> hosted = new LinkedHashMap<>();
  private final Set<ReplicaKey> opening = new LinkedHashSet<>();
  private LeadershipImage applied = LeadershipImage.EMPTY;

  SimReplicas(
      int node,
      SimStorage storage,
      SimProcess process,
      Random random,
      Supplier<LeadershipImage> image,
      Consumer<StorageException> onDiskFailure) {
    this.node = node;
    this.storage = storage;
    this.process = process;
    this.random = random;
    this.image = image;
    this.onDiskFailure = onDiskFailure;
  }

  void addObserver(RoleObserver observer) {
    observers.add(observer);
  }

  @Nullable PartitionReplica find(ReplicaKey key) {
    Hosted found = hosted.get(key);
    return found == null ? null : found.replica();
  }

  Map<ReplicaKey, Hosted> hosted() {
    return hosted;
  }

  /** Whether every log that this broker should have is open. */
  boolean areOpen() {
    return opening.isEmpty() && !applied.brokers().isEmpty();
  }

  void imageChanged() {
    LeadershipImage before = applied;
    LeadershipImage after = image.get();
    applied = after;
    for (TopicImage topic : after.topics()) {
      TopicImage former = before.topic(topic.id());
      boolean all = former == null || former.minInsyncReplicas() != topic.minInsyncReplicas();
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionImage partition = topic.partitions().get(i);
        boolean changed = all || former == null || !partition.equals(former.partition(i));
        if (changed && partition.replicas().contains(node)) {
          assign(topic, new ReplicaKey(topic.id(), i), partition);
        }
      }
    }
    wakeups.run();
  }

  private void assign(TopicImage topic, ReplicaKey key, PartitionImage partition) {
    Hosted known = hosted.get(key);
    if (known != null) {
      known.handle.become(partition, topic.minInsyncReplicas(), wakeups);
      observers.forEach(observer -> observer.assigned(known.replica(), partition));
    } else if (opening.add(key)) {
      process.after(random.nextInt(OPEN_US_MAX), () -> open(topic.name(), key));
    }
  }

  private void open(String topicName, ReplicaKey key) {
    PartitionLog log;
    try {
      log = storage.open(new LogId(topicName, key.topicId(), key.partition()));
    } catch (DiskFullException full) {
      process.after(RETRY_US, () -> open(topicName, key));
      return;
    } catch (CorruptFileException damaged) {
      throw new AssertionError("recovery refuses a log: " + damaged.getMessage(), damaged);
    } catch (StorageException failure) {
      onDiskFailure.accept(failure);
      return;
    }
    opening.remove(key);
    Hosted opened = new Hosted(ReplicaHandle.open(node, log), log);
    hosted.put(key, opened);
    TopicImage topic = applied.topic(key.topicId());
    PartitionImage partition = applied.partition(key.topicId(), key.partition());
    if (topic != null && partition != null) {
      opened.handle.become(partition, topic.minInsyncReplicas(), wakeups);
      observers.forEach(observer -> observer.assigned(opened.replica(), partition));
    }
    wakeups.run();
  }

  /** The disk has failed under all of them. */
  void goOffline() {
    for (Hosted each : hosted.values()) {
      each.handle.goOffline("the disk has failed", wakeups);
      observers.forEach(observer -> observer.removed(each.replica()));
    }
    wakeups.run();
  }

  /** The process stops: nobody waits for a partition any more. */
  void retire() {
    hosted.values().forEach(each -> each.handle.retire("the node stops", wakeups));
    wakeups.run();
  }
}
