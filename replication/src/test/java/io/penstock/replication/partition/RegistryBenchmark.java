package io.penstock.replication.partition;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * What many partitions cost one node: prints times, descriptors and memory, asserts nothing.
 * Started by {@code cluster-tests/bench/control-plane.sh} with a directory and a number.
 */
final class RegistryBenchmark {

  private static final int SELF = 1;
  private static final int TOPICS = 10;

  private final Path directory;
  private final int partitions;
  private final InMemoryControlPlane plane = InMemoryControlPlane.withBrokers(SELF, 2, 3, 4);
  private LogDirectories logs;
  private PartitionRegistry registry;

  private RegistryBenchmark(Path directory, int partitions) throws StorageException {
    this.directory = directory;
    this.partitions = partitions;
    logs = TestLogs.open(Disks.local(), directory);
    registry =
        new PartitionRegistry(
            InMemoryControlPlane.processOf(SELF), logs, (_, _) -> LogSettings.defaults());
    plane.addListener(registry);
  }

  public static void main(String[] arguments) throws Exception {
    new RegistryBenchmark(Path.of(arguments[0]), Integer.parseInt(arguments[1])).run();
    System.exit(0);
  }

  private static UUID topic(int number) {
    return new UUID(10, number);
  }

  private void run() throws Exception {
    report("start", System.nanoTime());
    List<NewTopic> topics = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      topics.add(NewTopic.placed("topic-" + i, topic(i), partitions / TOPICS, 4));
    }
    long start = System.nanoTime();
    plane.apply(new CreateTopics(topics));
    int images = changeWhileOpening();
    awaitAll();
    report("created and served, " + images + " images meanwhile", start);
    fenceWhileCreating();
    measureFencing("a dead broker's partitions", 2);
    measureFencing("another one's", 3);
    measureSmallChanges();
    restart();
  }

  /** An image every 2 ms until the first topics are there. */
  private int changeWhileOpening() throws InterruptedException {
    int images = 0;
    while (registry.replicas().size() < partitions && images < 20_000) {
      plane.apply(new SetMinInsyncReplicas(topic(images % TOPICS), 1 + images / TOPICS % 2));
      images++;
      TimeUnit.MILLISECONDS.sleep(2);
    }
    return images;
  }

  /** How long a change of role waits where a thousand logs are being created. */
  private void fenceWhileCreating() throws Exception {
    plane.apply(
        new CreateTopics(
            List.of(NewTopic.placed("more", topic(100), Math.min(1_000, partitions), 3))));
    PartitionReplica some =
        registry.replicas().stream()
            .filter(replica ->
                replica.role() instanceof ReplicaRole.Follower(_, int leader) && leader == 4)
            .findAny()
            .orElseThrow();
    long start = System.nanoTime();
    plane.apply(new FenceBroker(4, epoch(4)));
    while (some.role() instanceof ReplicaRole.Follower(_, int leader) && leader == 4) {
      Thread.onSpinWait();
    }
    report("a role changed while 1 000 logs are created", start);
    registry.whenServed(topic(100), 1_000).toCompletableFuture().get(10, TimeUnit.MINUTES);
    report("those created", start);
  }

  private long epoch(int broker) {
    BrokerImage image = plane.image().leadership().broker(broker);
    return image == null ? -1 : image.epoch();
  }

  private void awaitAll() throws Exception {
    for (int i = 0; i < TOPICS; i++) {
      registry
          .whenServed(topic(i), partitions / TOPICS)
          .toCompletableFuture()
          .get(10, TimeUnit.MINUTES);
    }
  }

  private void measureFencing(String what, int broker) throws Exception {
    long led = leaders();
    long start = System.nanoTime();
    plane.apply(new FenceBroker(broker, epoch(broker)));
    long applied = System.nanoTime();
    awaitAll();
    System.out.printf(
        "%-56s %9.1f ms, the rules %.1f ms of it; %d more led%n",
        "roles after fencing " + what,
        (System.nanoTime() - start) / 1e6,
        (applied - start) / 1e6,
        leaders() - led);
  }

  private long leaders() {
    return registry.replicas().stream().filter(r -> r.role() instanceof ReplicaRole.Leader).count();
  }

  private void measureSmallChanges() throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < 500; i++) {
      LeadershipCommand change =
          new CreateTopics(List.of(NewTopic.placed("small-" + i, topic(1_000 + i), 1, 1)));
      plane.apply(change);
      plane.apply(new SetMinInsyncReplicas(topic(1_000 + i), 2));
      registry.whenServed(topic(1_000 + i), 1).toCompletableFuture().get(1, TimeUnit.MINUTES);
    }
    report("500 small topics, one after another", start);
  }

  private void restart() throws Exception {
    long start = System.nanoTime();
    registry.close();
    logs.close();
    report("closed", start);
    start = System.nanoTime();
    logs = TestLogs.open(Disks.local(), directory);
    registry =
        new PartitionRegistry(
            InMemoryControlPlane.processOf(SELF), logs, (_, _) -> LogSettings.defaults());
    plane.addListener(registry);
    awaitAll();
    report("opened again and served", start);
  }

  private static void report(String what, long startNs) throws IOException {
    double elapsed = (System.nanoTime() - startNs) / 1e6;
    String[] open = new File("/proc/self/fd").list();
    for (int i = 0; i < 2; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    long maps;
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      maps = lines.count();
    }
    System.out.printf(
        "%-56s %9.1f ms; %d descriptors, %d maps, heap %d MiB%n",
        what,
        elapsed,
        open == null ? -1 : open.length,
        maps,
        (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }
}
