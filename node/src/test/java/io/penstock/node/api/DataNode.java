package io.penstock.node.api;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.data.RecordTimeScanner;
import io.penstock.node.group.CoordinatorMemory;
import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.ImageTopics;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaAppend;
import io.penstock.replication.partition.Wakeups;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.dir.LogDirectoriesSettings;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;

/**
 * Everything below the handlers of the data path, for tests: real logs on a disk in memory, the
 * real registry, the rules of the control plane. This node is broker 1; brokers 2 and 3 exist by
 * name.
 */
public final class DataNode implements AutoCloseable {

  public static final int SELF = 1;
  public static final long NOW_MS = 1_000_000;

  public final FakeDisk disk;
  public final InMemoryControlPlane plane;
  public final MetricRegistry metrics = new MetricRegistry();
  public final ManualLoop loop = new ManualLoop();
  public final PartitionRegistry registry;
  public final PartitionLookup partitions;
  private final LogDirectories logs;

  public DataNode(Path directory) throws StorageException {
    this(directory, LogSettings.defaults());
  }

  public DataNode(Path directory, LogSettings settings) throws StorageException {
    this(
        directory,
        settings,
        new FakeDisk(1),
        Function.identity(),
        InMemoryControlPlane.withBrokers(SELF, 2, 3));
  }

  private DataNode(
      Path directory,
      LogSettings settings,
      FakeDisk disk,
      Function<Disk, Disk> wrapping,
      InMemoryControlPlane plane)
      throws StorageException {
    this.disk = disk;
    this.plane = plane;
    logs =
        LogDirectories.open(
            List.of(directory),
            LogDirectoriesSettings.defaults(),
            _ -> settings,
            new LogDirectories.Environment(
                wrapping.apply(disk), metrics, () -> NOW_MS, new RecordTimeScanner()));
    registry =
        new PartitionRegistry(InMemoryControlPlane.processOf(SELF), logs, (_, _) -> settings);
    partitions = new PartitionLookup(registry, plane::image);
    plane.addListener(registry);
  }

  /** The same node after a stop and a start; its disk is seen through a wrapping. */
  public DataNode restarted(Path directory, Function<Disk, Disk> wrapping) throws Exception {
    close();
    DataNode again = new DataNode(directory, LogSettings.defaults(), disk, wrapping, plane);
    for (TopicImage topic : plane.image().leadership().topics()) {
      again.awaitApplied(topic.id());
    }
    return again;
  }

  /** A topic that only this node has. */
  public UUID createTopic(String name, int partitions) throws Exception {
    UUID id = idOf(name);
    List<NodeIds> alone = java.util.Collections.nCopies(partitions, NodeIds.of(SELF));
    return create(NewTopic.assigned(name, id, alone));
  }

  /** A topic of one partition that this node leads and the others follow; all are in sync. */
  public UUID createReplicatedTopic(String name, int minInSync) throws Exception {
    return createReplicatedTopic(name, minInSync, 1);
  }

  /** As that, with more partitions. */
  public UUID createReplicatedTopic(String name, int minInSync, int partitions) throws Exception {
    List<NodeIds> replicas = java.util.Collections.nCopies(partitions, NodeIds.of(SELF, 2, 3));
    return create(NewTopic.assigned(name, idOf(name), replicas).withMinInsyncReplicas(minInSync));
  }

  /** A topic of one partition that another node has. */
  public UUID createTopicElsewhere(String name) throws Exception {
    return create(NewTopic.assigned(name, idOf(name), List.of(NodeIds.of(2))));
  }

  private UUID create(NewTopic topic) throws Exception {
    plane.apply(new CreateTopics(List.of(topic)));
    awaitApplied(topic.id());
    return topic.id();
  }

  /** Takes every leadership from this node that another one can take. */
  public void fenceSelf() {
    fence(SELF);
  }

  public void fence(int id) {
    plane.apply(new FenceBroker(id, brokerEpoch(id)));
  }

  public long brokerEpoch(int id) {
    BrokerImage broker = plane.image().leadership().broker(id);
    if (broker == null) {
      throw new AssertionError("not registered");
    }
    return broker.epoch();
  }

  /** Has a broker be in a rack, before it has anything. */
  public void moveToRack(int id, String rack) {
    register(id, new UUID(2, id), rack); // the process itself may not register differently
    register(id, InMemoryControlPlane.processOf(id).incarnation(), rack);
    plane.apply(new UnfenceBroker(id, brokerEpoch(id)));
  }

  private void register(int id, UUID incarnation, String rack) {
    BrokerImage broker = plane.image().leadership().broker(id);
    if (broker == null) {
      throw new AssertionError("not registered");
    }
    plane.apply(
        new RegisterBroker(id, incarnation, broker.client(), broker.peer(), rack, broker.epoch()));
  }

  public void deleteTopic(String name) throws Exception {
    plane.apply(new DeleteTopics(List.of(idOf(name))));
    awaitApplied(idOf(name));
  }

  /** Waits until the registry has worked off what the control plane said so far. */
  public void awaitApplied(UUID topicId) throws Exception {
    registry.whenServed(topicId, Integer.MAX_VALUE).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  public static UUID idOf(String name) {
    return new UUID(77, name.hashCode());
  }

  public static Uuid kafkaIdOf(String name) {
    return new Uuid(77, name.hashCode());
  }

  public PartitionReplica replica(String topic, int partition) {
    PartitionReplica replica = registry.find(topic, partition);
    if (replica == null) {
      throw new AssertionError("not served: " + topic + "-" + partition);
    }
    return replica;
  }

  /** The follower has asked partition 0 for this offset, and so has all before it. */
  public void followerFetched(String topic, int follower, long offset) {
    PartitionReplica replica = replica(topic, 0);
    FollowerProgress progress =
        new FollowerProgress(
            follower, FollowerProgress.UNKNOWN_BROKER, replica.leaderEpoch(), offset, 1);
    if (replica.followerFetched(progress, loop.wakeups()) != null) {
      throw new AssertionError(follower + " does not follow " + topic);
    }
  }

  /** Appends a batch of so many records, and tells those who wait. */
  public void append(String topic, int partition, int records) {
    append(topic, partition, TestBatch.ofRecords(records).build(), loop.wakeups());
    loop.runRound();
  }

  public void append(String topic, int partition, ByteBuffer batch, Wakeups wakeups) {
    ReplicaAppend append = replica(topic, partition).append(batch, 1, NOW_MS, wakeups);
    if (!(append instanceof ReplicaAppend.Answered)) {
      throw new AssertionError(append);
    }
  }

  /** Whether somebody still holds bytes of the log. */
  public boolean hasSlicesOut(String topic, int partition) {
    return logs.log(replica(topic, partition).id()).map(PartitionLog::isInUse).orElse(false);
  }

  public RecordedContext context(int version) {
    return new RecordedContext(loop, version);
  }

  /** Coordinators of groups over this node's partitions, which are told of no roles yet. */
  public GroupShards groupShards(BooleanSupplier cutOff) {
    return groupShards(cutOff, Long.MAX_VALUE);
  }

  /** As that, with so much memory. */
  public GroupShards groupShards(BooleanSupplier cutOff, long memoryBytes) {
    return new GroupShards(
        new GroupShards.Environment(
            plane::image,
            cutOff,
            () -> NOW_MS,
            new GroupKinds(
                ClassicSettings.standard(),
                ConsumerSettings.standard(
                    List.of(new UniformAssignor()), ClassicSettings.standard()),
                new ImageTopics(plane::image))),
        new CoordinatorMemory(memoryBytes),
        metrics);
  }

  @Override
  public void close() throws StorageException {
    disk.healWrites();
    registry.close();
    logs.close();
  }
}
