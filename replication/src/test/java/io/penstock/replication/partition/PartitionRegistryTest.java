package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas follow the image of the cluster, over restarts and failures, on a real directory. */
@Timeout(60)
final class PartitionRegistryTest {

  private static final int SELF = 1;
  private static final int OTHER = 2;
  private static final UUID TOPIC = new UUID(10, 1);
  private static final UUID HELD = new UUID(10, 4);

  @TempDir private Path directory;

  private final Wakeups wakeups = new Wakeups();
  private InMemoryControlPlane plane;
  private LogDirectories logs;
  private PartitionRegistry registry;

  @BeforeEach
  void start() throws StorageException {
    plane = InMemoryControlPlane.withBrokers(SELF);
    open(Disks.local());
  }

  private void open(Disk disk) throws StorageException {
    logs = TestLogs.open(disk, directory);
    registry =
        new PartitionRegistry(
            InMemoryControlPlane.processOf(SELF), logs, PartitionRegistryTest::settings);
    plane.addListener(registry);
  }

  /** A topic may set the largest batch, and nothing else. */
  private static LogSettings settings(UUID topicId, MetadataImage metadata) {
    String batchBytesMax = metadata.topicConfigs(topicId).get("max.message.bytes");
    return batchBytesMax == null
        ? LogSettings.defaults()
        : LogSettingsBuilder.fromDefaults().batchBytesMax(Integer.parseInt(batchBytesMax)).build();
  }

  @AfterEach
  void stop() throws StorageException {
    registry.close();
    logs.close();
  }

  private void restart() throws StorageException {
    stop();
    open(Disks.local());
  }

  private void create(String name, UUID id, int partitions) {
    List<NodeIds> here = Collections.nCopies(partitions, NodeIds.of(SELF));
    plane.apply(new CreateTopics(List.of(NewTopic.assigned(name, id, here))));
  }

  private void awaitServed(UUID id, int partitions) throws Exception {
    registry.whenServed(id, partitions).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private AppendOutcome append(PartitionReplica replica, int records) {
    ReplicaAppend append =
        replica.append(TestBatch.ofRecords(records).build(), 1, TestLogs.NOW_MS, wakeups);
    return assertInstanceOf(ReplicaAppend.Answered.class, append).outcome();
  }

  private PartitionReplica replica(int partition) {
    PartitionReplica replica = registry.find(TOPIC, partition);
    assertNotNull(replica);
    return replica;
  }

  @Test
  void newTopicIsLedAndFoundByNameAndById() throws Exception {
    create("pipe", TOPIC, 3);
    awaitServed(TOPIC, 3);

    for (int i = 0; i < 3; i++) {
      assertInstanceOf(ReplicaRole.Leader.class, replica(i).role());
      assertEquals(replica(i), registry.find("pipe", i));
    }
    assertNull(registry.find(TOPIC, 3));
    assertNull(registry.find("pipe", -1));
    assertNull(registry.find("other", 0));
    assertEquals(3, registry.replicas().size());
  }

  @Test
  void partitionsAddedLaterAreServedToo() throws Exception {
    create("pipe", TOPIC, 1);
    plane.apply(new CreatePartitions(TOPIC, 3, List.of()));
    awaitServed(TOPIC, 3);

    assertInstanceOf(ReplicaRole.Leader.class, replica(2).role());
  }

  @Test
  void deletedTopicIsNotFoundAndItsWaitersAreWoken() throws Exception {
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    PartitionReplica replica = replica(0);
    RecordedFetch fetch = new RecordedFetch(1);
    replica.awaitBytes(ReadLimit.HIGH_WATERMARK, 0, replica.role(), fetch);

    plane.apply(new DeleteTopics(List.of(TOPIC)));
    awaitServed(TOPIC, 1);

    assertNull(registry.find(TOPIC, 0));
    assertNull(registry.find("pipe", 0));
    Awaitility.await().untilAsserted(() -> assertEquals(1, fetch.runs));
    assertInstanceOf(ReplicaRole.Offline.class, replica.role());
    Awaitility.await()
        .untilAsserted(() -> assertFalse(logs.log(new LogId("pipe", TOPIC, 0)).isPresent()));
  }

  @Test
  void topicCreatedAgainStartsEmpty() throws Exception {
    UUID again = new UUID(10, 2);
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    append(replica(0), 5);

    plane.apply(new DeleteTopics(List.of(TOPIC)));
    create("pipe", again, 1);
    awaitServed(again, 1);

    PartitionReplica replica = registry.find("pipe", 0);
    assertNotNull(replica);
    assertEquals(again, replica.id().topicId());
    assertEquals(0, replica.logEndOffset());
  }

  @Test
  void logsAreFoundAgainAfterARestart() throws Exception {
    create("pipe", TOPIC, 2);
    awaitServed(TOPIC, 2);
    append(replica(1), 7);

    restart();
    awaitServed(TOPIC, 2);

    assertEquals(7, replica(1).logEndOffset());
    assertEquals(7, replica(1).highWatermark());
    assertInstanceOf(ReplicaRole.Leader.class, replica(1).role());
    assertInstanceOf(AppendOutcome.Appended.class, append(replica(1), 1));
  }

  @Test
  void logOfATopicDeletedWhileTheNodeWasDownMakesWayAndIsKept() throws Exception {
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    append(replica(0), 7);
    stop();
    UUID again = new UUID(10, 3);
    plane = InMemoryControlPlane.withBrokers(SELF);
    create("pipe", again, 1);

    open(Disks.local());
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertNotNull(registry.find(again, 0)));

    PartitionReplica replica = registry.find(again, 0);
    assertNotNull(replica);
    assertEquals(0, replica.logEndOffset());
    try (Stream<Path> entries = Files.list(directory)) {
      Path stray =
          entries.filter(entry -> entry.toString().endsWith("-stray")).findAny().orElseThrow();
      assertTrue(Files.size(stray.resolve("00000000000000000000.log")) > 0);
    }
  }

  @Test
  void changedSettingsReachTheLog() throws Exception {
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    assertInstanceOf(AppendOutcome.Appended.class, append(replica(0), 10));

    plane.apply(
        new SetConfigs(
            List.of(
                ConfigChange.replace(
                    new ConfigTarget.Topic(TOPIC), Map.of("max.message.bytes", "70")))));
    awaitServed(TOPIC, 1);

    assertInstanceOf(AppendOutcome.Rejected.class, append(replica(0), 10));
  }

  @Test
  void partitionThatADefectStopsKeepsNoOtherFromBeingServed() throws Exception {
    UUID broken = new UUID(10, 7);
    ConfigTarget target = new ConfigTarget.Topic(broken);
    plane.apply(
        new SetConfigs(
            List.of(ConfigChange.replace(target, Map.of("max.message.bytes", "no number")))));
    plane.apply(
        new CreateTopics(
            List.of(NewTopic.placed("a", broken, 1, 1), NewTopic.placed("pipe", TOPIC, 1, 1))));

    awaitServed(TOPIC, 1);

    assertInstanceOf(ReplicaRole.Leader.class, replica(0).role());
    assertThrows(ExecutionException.class, () -> awaitServed(broken, 1));
  }

  @Test
  void thousandPartitionsAreServedInBulk() throws Exception {
    create("wide", TOPIC, 1_000);

    awaitServed(TOPIC, 1_000);

    assertEquals(1_000, registry.replicas().size());
    assertInstanceOf(ReplicaRole.Leader.class, replica(999).role());
  }

  @Test
  void topicThatCannotBeCreatedIsReportedAndTriedAgain() throws Exception {
    stop();
    FakeDisk disk = new FakeDisk(7);
    plane = InMemoryControlPlane.withBrokers(SELF);
    open(disk);
    disk.limitCapacity(0);
    create("pipe", TOPIC, 1);

    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> awaitServed(TOPIC, 1));
    assertInstanceOf(StorageException.class, failure.getCause());
    disk.healWrites();

    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertNotNull(registry.find(TOPIC, 0)));
  }

  @Test
  void rolesChangeWhileLogsAreBeingCreated() throws Exception {
    HeldDisk disk = restartOn(new HeldDisk(Disks.local()));
    plane.apply(
        new CreateTopics(
            List.of(NewTopic.assigned("pipe", TOPIC, List.of(NodeIds.of(OTHER, SELF))))));
    awaitServed(TOPIC, 1);
    assertInstanceOf(ReplicaRole.Follower.class, replica(0).role());
    disk.hold();
    create("held", HELD, 3);
    disk.awaitHeld();

    plane.apply(new FenceBroker(OTHER, epochOf(OTHER)));

    Awaitility.await()
        .untilAsserted(() -> assertInstanceOf(ReplicaRole.Leader.class, replica(0).role()));
    assertNull(registry.find(HELD, 0));
    disk.release();
    awaitServed(HELD, 3);
    assertNotNull(registry.find(HELD, 2));
  }

  @Test
  void topicDeletedAndCreatedAgainWhileItsLogWaitsToBeCreatedLeavesNothingBehind()
      throws Exception {
    UUID again = new UUID(10, 5);
    HeldDisk disk = restartOn(new HeldDisk(Disks.local()));
    disk.hold();
    create("held", HELD, 1);
    disk.awaitHeld();
    plane.apply(new DeleteTopics(List.of(HELD)));
    create("held", again, 1);

    disk.release();
    awaitServed(again, 1);

    PartitionReplica replica = registry.find("held", 0);
    assertNotNull(replica);
    assertEquals(again, replica.id().topicId());
    try (Stream<Path> entries = Files.list(directory)) {
      assertTrue(entries.noneMatch(entry -> entry.toString().endsWith("-stray")));
    }
  }

  /** The same directory on another disk, in a cluster of two that knows of no topic. */
  private HeldDisk restartOn(HeldDisk disk) throws StorageException {
    stop();
    plane = InMemoryControlPlane.withBrokers(SELF, OTHER);
    open(disk);
    return disk;
  }

  private long epochOf(int id) {
    BrokerImage broker = plane.image().leadership().broker(id);
    return broker == null ? -1 : broker.epoch();
  }

  @Test
  void processThatStartsAgainLeadsOnlyWhatWasGivenToItself() throws Exception {
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    append(replica(0), 3);
    stop();
    PeerCaller next = new PeerCaller(SELF, new UUID(9, 9));
    logs = TestLogs.open(Disks.local(), directory);
    registry = new PartitionRegistry(next, logs, PartitionRegistryTest::settings);
    plane.addListener(registry);
    awaitServed(TOPIC, 1);

    assertInstanceOf(ReplicaRole.Follower.class, replica(0).role());
    plane.apply(
        new RegisterBroker(
            SELF, next.incarnation(), new Address("a", 1), new Address("a", 2), null, -1));
    plane.apply(new UnfenceBroker(SELF, epochOf(SELF)));
    awaitServed(TOPIC, 1);

    assertEquals(new ReplicaRole.Leader(2), replica(0).role());
  }

  @Test
  void aPartitionThatWaitsForADiskGetsNoEmptyLog() throws Exception {
    stop();
    plane = InMemoryControlPlane.withBrokers(OTHER);
    UUID kept = new UUID(20, 1);
    UUID away = new UUID(20, 2);
    register(new UUID(21, 1), -1, List.of(kept, away));
    create("pipe", TOPIC, 1);
    open(Disks.local());
    awaitServed(TOPIC, 1);
    assertNull(registry.find(TOPIC, 0), "the cluster does not know yet with which disks it is");

    UUID self = InMemoryControlPlane.processOf(SELF).incarnation();
    register(self, epochOf(SELF), List.of(kept));
    awaitServed(TOPIC, 1);

    assertTrue(image(TOPIC).bereft());
    assertNull(registry.find(TOPIC, 0));
    assertTrue(logs.log(new LogId("pipe", TOPIC, 0)).isEmpty());

    PartitionRef lost = new PartitionRef(TOPIC, 0);
    plane.apply(new ElectLeaders(ElectionKind.UNCLEAN, List.of(lost)));
    awaitServed(TOPIC, 1);
    assertInstanceOf(ReplicaRole.Leader.class, replica(0).role());
  }

  private PartitionImage image(UUID topic) {
    PartitionImage image = plane.image().leadership().partition(topic, 0);
    assertNotNull(image);
    return image;
  }

  private void register(UUID incarnation, long previousEpoch, List<UUID> directories) {
    Address address = new Address("a", 1);
    plane.apply(
        new RegisterBroker(
            SELF, incarnation, address, address, null, previousEpoch, 0, directories));
    plane.apply(new UnfenceBroker(SELF, epochOf(SELF)));
  }

  @Test
  void observersAreToldOfEachRoleThoughOneOfThemFails() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    registry.addRoleObserver(
        new RoleObserver() {
          @Override
          public void assigned(PartitionReplica replica, PartitionImage partition) {
            throw new IllegalStateException("a defect");
          }

          @Override
          public void removed(PartitionReplica replica) {
            throw new IllegalStateException("a defect");
          }
        });
    registry.addRoleObserver(noted(told));

    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    plane.apply(new SetMinInsyncReplicas(TOPIC, 2));
    awaitServed(TOPIC, 1);
    plane.apply(new DeleteTopics(List.of(TOPIC)));

    Awaitility.await()
        .untilAsserted(
            () -> assertEquals(List.of("pipe-0 Leader", "pipe-0 Leader", "-pipe-0"), told));
  }

  @Test
  void observersAreToldOfReplicaThatStopsByItself() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    registry.addRoleObserver(noted(told));
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);

    replica(0).goOffline("a defect", wakeups);
    replica(0).goOffline("noticed again", wakeups);
    awaitServed(TOPIC, 1);
    plane.apply(new SetMinInsyncReplicas(TOPIC, 2));
    awaitServed(TOPIC, 1);

    assertEquals(List.of("pipe-0 Leader", "-pipe-0"), told);
  }

  private static RoleObserver noted(List<String> told) {
    return new RoleObserver() {
      @Override
      public void assigned(PartitionReplica replica, PartitionImage partition) {
        told.add(replica.id() + " " + replica.role().getClass().getSimpleName());
      }

      @Override
      public void removed(PartitionReplica replica) {
        told.add("-" + replica.id());
      }
    };
  }

  @Test
  void closedRegistryServesNobodyAndRefusesToWait() throws Exception {
    create("pipe", TOPIC, 1);
    awaitServed(TOPIC, 1);
    PartitionReplica replica = replica(0);

    registry.close();

    assertInstanceOf(ReplicaRole.Offline.class, replica.role());
    assertTrue(registry.whenServed(TOPIC, 1).toCompletableFuture().isCompletedExceptionally());
    assertTrue(Files.isDirectory(directory.resolve("pipe-0")));
  }
}
