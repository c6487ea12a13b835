package io.penstock.client;

import io.penstock.client.net.BrokerConnection;
import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.net.ConnectionPool;
import io.penstock.client.net.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * Knows the brokers and the partition leaders of one cluster, from any of its brokers. What it
 * learnt last stays until something newer is learnt; whoever finds it wrong (NOT_LEADER, a lost
 * connection) asks for a refresh, or passes on the hint that came with the refusal. Safe on every
 * thread.
 */
public final class ClusterMetadata {

  private final List<Endpoint> seeds;
  private final ConnectionPool pool;
  private volatile ClusterSnapshot current = ClusterSnapshot.EMPTY;

  /** The refresh of everything that is under way, which later callers share; guarded by this. */
  private @Nullable CompletableFuture<ClusterSnapshot> refreshing;

  public ClusterMetadata(List<Endpoint> seeds, ConnectionPool pool) {
    if (seeds.isEmpty()) {
      throw new IllegalArgumentException("at least one bootstrap address is needed");
    }
    this.seeds = List.copyOf(seeds);
    this.pool = pool;
  }

  /** What is known now; empty before the first refresh. */
  public ClusterSnapshot current() {
    return current;
  }

  /** Learns all topics anew. Calls that come while one is under way share its answer. */
  public CompletableFuture<ClusterSnapshot> refresh() {
    CompletableFuture<ClusterSnapshot> started;
    synchronized (this) {
      if (refreshing != null) {
        return refreshing.copy();
      }
      started = new CompletableFuture<>();
      refreshing = started;
    }
    var unused =
        ask(null)
            .whenComplete((response, failure) -> {
              synchronized (this) {
                refreshing = null;
              }
              if (failure != null) {
                started.completeExceptionally(failure);
                return;
              }
              ClusterSnapshot learnt = MetadataMessages.snapshot(response);
              publish(learnt);
              started.complete(learnt);
            });
    return started.copy();
  }

  /** Learns some topics anew and keeps what is known of the others, but for those that are gone. */
  public CompletableFuture<ClusterSnapshot> refresh(Collection<String> topics) {
    List<String> asked = List.copyOf(topics);
    return ask(asked)
        .thenApply(response -> {
          ClusterSnapshot learnt = MetadataMessages.snapshot(response);
          merge(asked, learnt);
          return learnt;
        });
  }

  /** The leader of a partition, asked for where it is not known. */
  public CompletableFuture<Endpoint> leader(String topic, int partition) {
    var known = current.leader(topic, partition);
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known.get());
    }
    return refresh(List.of(topic))
        .thenApply(learnt ->
            learnt
                .leader(topic, partition)
                .orElseThrow(() ->
                    new CompletionException(
                        new BrokerConnectionException(
                            Kind.UNREACHABLE,
                            "partition " + topic + "-" + partition + " has no leader"))));
  }

  /** An open connection to any broker: a known one first, then the seeds. */
  public CompletableFuture<BrokerConnection> anyBroker() {
    return firstThatConnects(candidates().iterator(), new ArrayList<>());
  }

  /**
   * Takes a leader that a broker named when it refused a request (KIP-951), unless something newer
   * is known.
   */
  public synchronized void leaderChanged(String topic, int partition, int leader, int leaderEpoch) {
    TopicDescription known = current.topics().get(topic);
    if (known == null || partition < 0 || partition >= known.partitions().size()) {
      return;
    }
    PartitionDescription before = known.partitions().get(partition);
    if (before.leaderEpoch() >= leaderEpoch) {
      return;
    }
    List<PartitionDescription> partitions = new ArrayList<>(known.partitions());
    partitions.set(
        partition,
        new PartitionDescription(
            partition, leader, leaderEpoch, before.replicas(), before.inSync()));
    Map<String, TopicDescription> topics = new TreeMap<>(current.topics());
    topics.put(
        topic, new TopicDescription(topic, known.id(), known.internal(), List.copyOf(partitions)));
    current = withTopics(current, topics);
  }

  CompletableFuture<MetadataResponseData> ask(@Nullable Collection<String> topics) {
    return onAnyBroker(connection ->
        connection.call(
            ApiKeys.METADATA,
            version -> MetadataMessages.request(topics, version),
            MetadataResponseData.class));
  }

  /** Asks one broker after the other until one answers; only for requests that change nothing. */
  <T> CompletableFuture<T> onAnyBroker(Function<BrokerConnection, CompletableFuture<T>> request) {
    return firstThatAnswers(candidates().iterator(), request, new ArrayList<>());
  }

  private <T> CompletableFuture<T> firstThatAnswers(
      Iterator<Endpoint> candidates,
      Function<BrokerConnection, CompletableFuture<T>> request,
      List<Throwable> failures) {
    return firstThatConnects(candidates, failures)
        .thenCompose(connection ->
            request
                .apply(connection)
                .exceptionallyCompose(failure -> {
                  Throwable cause = unwrap(failure);
                  if (!(cause instanceof BrokerConnectionException) || !candidates.hasNext()) {
                    return CompletableFuture.failedFuture(cause);
                  }
                  failures.add(cause);
                  return firstThatAnswers(candidates, request, failures);
                }));
  }

  private CompletableFuture<BrokerConnection> firstThatConnects(
      Iterator<Endpoint> candidates, List<Throwable> failures) {
    if (!candidates.hasNext()) {
      return CompletableFuture.failedFuture(noneOf(failures));
    }
    return pool.connection(candidates.next())
        .exceptionallyCompose(failure -> {
          failures.add(unwrap(failure));
          return firstThatConnects(candidates, failures);
        });
  }

  private static Throwable noneOf(List<Throwable> failures) {
    if (failures.size() == 1) {
      return failures.get(0);
    }
    StringBuilder message = new StringBuilder("no broker could be reached:");
    failures.forEach(f -> message.append("\n  ").append(f.getMessage()));
    var all = new BrokerConnectionException(Kind.UNREACHABLE, message.toString());
    failures.forEach(all::addSuppressed);
    return all;
  }

  private Set<Endpoint> candidates() {
    Set<Endpoint> candidates = new LinkedHashSet<>(current.brokers().values());
    candidates.addAll(seeds);
    return candidates;
  }

  private synchronized void publish(ClusterSnapshot learnt) {
    current = withTopics(learnt, newest(learnt.topics()));
  }

  private synchronized void merge(List<String> asked, ClusterSnapshot learnt) {
    Map<String, TopicDescription> topics = new TreeMap<>(current.topics());
    Map<String, TopicDescription> newest = newest(learnt.topics());
    asked.forEach(topics::remove);
    topics.putAll(newest);
    current = withTopics(learnt, topics);
  }

  /** A broker that lags behind must not bring back a leader that another one has replaced. */
  private Map<String, TopicDescription> newest(Map<String, TopicDescription> learnt) {
    Map<String, TopicDescription> newest = new TreeMap<>();
    learnt.forEach((name, topic) -> {
      TopicDescription known = current.topics().get(name);
      newest.put(name, known == null ? topic : topic.withNewerLeadersOf(known));
    });
    return newest;
  }

  private static ClusterSnapshot withTopics(
      ClusterSnapshot snapshot, Map<String, TopicDescription> topics) {
    return new ClusterSnapshot(
        snapshot.clusterId(),
        snapshot.controllerId(),
        snapshot.brokers(),
        Collections.unmodifiableMap(topics));
  }

  static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
