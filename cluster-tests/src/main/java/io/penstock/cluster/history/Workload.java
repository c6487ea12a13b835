package io.penstock.cluster.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * A {@link Load} on a cluster while faults happen to it, recorded from the first record to the
 * last. First {@link #start}, then faults, then {@link #endWriting}, then {@link #verify}. Used by
 * one thread.
 */
public final class Workload implements AutoCloseable {
  private static final short REPLICAS = 3;
  private static final long ON_THEIR_WAY_NS = 100_000_000;
  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String bootstrap;
  private final Load load;
  private final History history;
  private final List<Writer> writers = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();
  private long endNs;

  private Workload(String bootstrap, Load load) {
    this.bootstrap = bootstrap;
    this.load = load;
    this.history = new History(load.valueBytes());
  }

  /** Creates the topics, waits until all replicas are in sync, and begins to write and read. */
  public static Workload start(String bootstrap, Load load) throws Exception {
    Workload workload = new Workload(bootstrap, load);
    workload.createTopics();
    workload.awaitInSync();
    for (int id = 0; id < load.writers(); id++) {
      workload.writers.add(new Writer(id, bootstrap, load, workload.history));
    }
    for (int id = 0; id < load.readers(); id++) {
      workload.readers.add(new Reader(id, bootstrap, load, workload.history));
    }
    workload.writers.forEach(Writer::start);
    workload.readers.forEach(Reader::start);
    return workload;
  }

  private void createTopics() throws Exception {
    Map<String, String> settings = Map.of("min.insync.replicas", "2");
    try (Admin admin = admin()) {
      for (String topic : load.topicNames()) {
        NewTopic wanted = new NewTopic(topic, load.partitions(), REPLICAS).configs(settings);
        try {
          admin.createTopics(List.of(wanted)).all().get();
        } catch (ExecutionException refused) {
          if (!(refused.getCause() instanceof TopicExistsException)) {
            throw refused;
          }
        }
      }
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  /** What happened so far. */
  public History history() {
    return history;
  }

  /** Waits until so many more records are acknowledged. */
  public void awaitAcked(long more) {
    long goal = history.ackedCount() + more;
    await(() -> history.ackedCount() >= goal, () -> "acknowledged: " + history.ackedCount());
  }

  /**
   * Waits until each partition has been acknowledged a record that was acknowledged from now on.
   */
  public void awaitAckedEverywhere() {
    long since = System.nanoTime() + ON_THEIR_WAY_NS; // acks that a dead leader had still sent
    List<TopicPartition> waiting = new ArrayList<>(load.topicPartitions());
    await(
        () -> {
          waiting.removeIf(partition -> history.hasAckSince(partition, since));
          return waiting.isEmpty();
        },
        () -> "no acks in " + waiting);
  }

  /** Waits until every replica of every partition is in sync. */
  public void awaitInSync() {
    await(() -> outOfSync().isEmpty(), () -> "not in sync: " + outOfSync());
  }

  private Set<String> outOfSync() {
    Set<String> found = new HashSet<>();
    try {
      for (TopicDescription topic : describe().values()) {
        topic.partitions().stream()
            .filter(one -> one.leader() == null || one.isr().size() < REPLICAS)
            .forEach(one -> found.add(topic.name() + " " + one));
      }
    } catch (IOException notNow) {
      found.add(notNow.toString());
    }
    return found;
  }

  /** The partitions that a node leads now. */
  public Set<TopicPartition> ledBy(int node) throws IOException {
    Set<TopicPartition> led = new HashSet<>();
    for (TopicDescription topic : describe().values()) {
      topic.partitions().stream()
          .filter(one -> one.leader() != null && one.leader().id() == node)
          .forEach(one -> led.add(new TopicPartition(topic.name(), one.partition())));
    }
    return led;
  }

  /** Gives each partition the leader that it began with, where that is in sync. */
  public void moveLeadersBack() {
    try (Admin admin = admin()) {
      Set<TopicPartition> all = Set.copyOf(load.topicPartitions());
      admin.electLeaders(ElectionType.PREFERRED, all).partitions().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException notNow) {
      // Then they stay where they are.
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, TopicDescription> describe() throws IOException {
    try (Admin admin = admin()) {
      return admin.describeTopics(load.topicNames()).allTopicNames().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IOException("no description of the topics", failure);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupt);
    }
  }

  /** Writes down that something was done now to the nodes that lead these partitions. */
  public void fault(String name, Set<TopicPartition> hit) {
    history.fault(new History.Fault(name, System.nanoTime(), hit));
  }

  /** Stops to send, and waits until every record is acknowledged or has failed. */
  public void endWriting() {
    endNs = System.nanoTime();
    writers.forEach(Writer::stopSending);
    for (Writer writer : writers) {
      writer.end(PATIENCE);
    }
    writers.clear();
  }

  /** The gaps after each fault, as writers with the default settings of kafka-clients saw them. */
  public List<Gaps.AfterFault> gapsByDefault() {
    return new Gaps(history, load::isPatient).afterFaults(endNs);
  }

  /** The gaps after each fault, as writers saw them that give brokers little time to answer. */
  public List<Gaps.AfterFault> gapsOfImpatient() {
    return new Gaps(history, load::isImpatient).afterFaults(endNs);
  }

  /**
   * What is wrong now that nobody writes; gives replicas and readers time to come to the end.
   *
   * @param data the data directory of each node that has replicas
   */
  public Verdict verify(Map<Integer, Path> data) {
    awaitInSync();
    List<TopicPartition> partitions = load.topicPartitions();
    var logs = Reader.readAll(bootstrap, partitions, history, PATIENCE);
    long present = logs.values().stream().mapToLong(List::size).sum();
    Waiting.tryUntil(() -> history.readCount() >= present * load.readers(), CATCH_UP_MAX);
    for (Reader reader : readers) {
      reader.end();
    }
    readers.clear();
    Waiting.tryUntil(() -> areEqual(replicas(data)), CATCH_UP_MAX);
    return new HistoryChecker(history).check(logs, replicas(data));
  }

  private Map<TopicPartition, Map<Integer, ReplicaLog>> replicas(Map<Integer, Path> data) {
    Map<TopicPartition, Map<Integer, ReplicaLog>> all = new HashMap<>();
    for (TopicPartition partition : load.topicPartitions()) {
      Map<Integer, ReplicaLog> logs = new HashMap<>();
      data.forEach(
          (node, directory) -> logs.put(node, read(directory.resolve(partition.toString()))));
      all.put(partition, logs);
    }
    return all;
  }

  private static ReplicaLog read(Path directory) {
    try {
      return ReplicaLog.read(directory);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static boolean areEqual(Map<TopicPartition, Map<Integer, ReplicaLog>> replicas) {
    return replicas.values().stream()
        .map(logs -> List.copyOf(logs.values()))
        .allMatch(
            logs -> logs.stream().allMatch(one -> logs.getFirst().differenceFrom(one) == null));
  }

  private static void await(BooleanSupplier condition, Supplier<String> otherwise) {
    Waiting.until(condition, PATIENCE, otherwise);
  }

  @Override
  public void close() {
    writers.forEach(Writer::stopSending);
    for (Writer writer : writers) {
      writer.end(Duration.ZERO);
    }
    for (Reader reader : readers) {
      reader.end();
    }
  }
}
