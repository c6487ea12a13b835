package io.penstock.node.group;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.group.effect.Reply;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.partition.RoleObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards that this node leads: made when the node is given a partition of the topic, read by
 * threads of their own, closed when it is taken away. Each shard is pinned to one of a few threads.
 * Roles come on the thread of the partitions' registry, events on any.
 */
public final class GroupShards implements GroupCoordinators, RoleObserver, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GroupShards.class);
  private static final int THREADS = 2;
  private static final int LOADERS = 2;
  private static final long RELOAD_MS = 1_000;

  private final Environment environment;
  private final CoordinatorMemory memory;
  private final GroupMetrics metrics;
  private final LongSupplier clock = new CoordinatorClock();
  private final List<CoordinatorThread> threads = new ArrayList<>();
  private final ScheduledExecutorService loaders;

  /** One for each loader. */
  private final Queue<BatchBuffer> readBuffers = new ConcurrentLinkedQueue<>();

  private final Map<Integer, GroupShard> shards = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * What the shards stand on.
   *
   * @param image what the cluster agrees on at present
   * @param cutOff whether this node has heard nothing from the quorum for a session
   * @param wallClock the time of day, for records
   */
  public record Environment(
      Supplier<ClusterImage> image,
      BooleanSupplier cutOff,
      LongSupplier wallClock,
      GroupRestore restore) {}

  /** Starts its threads; has nothing to do until it is told of roles. */
  public GroupShards(Environment environment, CoordinatorMemory memory, MetricRegistry registry) {
    this.environment = environment;
    this.memory = memory;
    this.metrics = new GroupMetrics(registry);
    for (int i = 0; i < THREADS; i++) {
      threads.add(new CoordinatorThread("penstock-groups-" + i));
    }
    this.loaders =
        Executors.newScheduledThreadPool(
            LOADERS, Thread.ofPlatform().name("penstock-groups-load-", 0).daemon().factory());
    for (int i = 0; i < LOADERS; i++) {
      readBuffers.add(new BatchBuffer());
    }
    metrics.show(shards::values, memory);
    metrics.gauge(
        "events.waiting", () -> threads.stream().mapToLong(CoordinatorThread::waiting).sum());
  }

  @Override
  public synchronized void assigned(PartitionReplica replica, PartitionImage partition) {
    if (!replica.id().topic().equals(OffsetsTopic.NAME)) {
      return;
    }
    int index = replica.id().partition();
    GroupShard known = shards.get(index);
    if (!(replica.role() instanceof ReplicaRole.Leader(int epoch))) {
      end(index, known);
      return;
    }
    if (known == null || !known.log().isOf(replica) || known.log().leaderEpoch() != epoch) {
      end(index, known);
      begin(index, replica, epoch, 0);
    }
  }

  @Override
  public synchronized void removed(PartitionReplica replica) {
    int index = replica.id().partition();
    GroupShard shard = replica.id().topic().equals(OffsetsTopic.NAME) ? shards.get(index) : null;
    // The news comes late: there may be another replica by now, of a topic that was made anew.
    if (shard != null && shard.log().isOf(replica)) {
      end(index, shard);
    }
  }

  private void begin(int index, PartitionReplica replica, int epoch, long delayMs) {
    if (closed) {
      return;
    }
    CoordinatorThread thread = threads.get(index % threads.size());
    ShardLog log =
        new ShardLog(
            replica, epoch, environment.cutOff(), environment.wallClock(), thread.batches());
    GroupShard shard =
        new GroupShard(
            log,
            new GroupShard.Services(
                thread, clock, memory, metrics, broken -> again(index, replica, broken)));
    shards.put(index, shard);
    load(shard, delayMs);
  }

  private void end(int index, @Nullable GroupShard shard) {
    if (shard != null && shards.remove(index, shard)) {
      shard.close(Errors.NOT_COORDINATOR);
    }
  }

  /** After a defect: what the log says is right. */
  private void again(int index, PartitionReplica replica, GroupShard broken) {
    try {
      replace(index, replica, broken);
    } finally {
      broken.close(Errors.NOT_COORDINATOR);
    }
  }

  /**
   * The successor takes the place at once, so that no news of the partition makes a second one, and
   * is read after a while: what broke this one may be in the log.
   */
  private synchronized void replace(int index, PartitionReplica replica, GroupShard broken) {
    int epoch = broken.log().leaderEpoch();
    boolean leads = replica.role() instanceof ReplicaRole.Leader(int now) && now == epoch;
    if (shards.remove(index, broken) && leads) {
      begin(index, replica, epoch, RELOAD_MS);
    }
  }

  private void load(GroupShard shard, long delayMs) {
    schedule(delayMs, () -> loadNow(shard));
  }

  private void loadNow(GroupShard shard) {
    ShardLog log = shard.log();
    BooleanSupplier cancelled = () -> shard.isClosed() || closed;
    if (cancelled.getAsBoolean()) {
      return;
    }
    long startNs = System.nanoTime();
    BatchBuffer buffer = readBuffers.remove();
    try {
      ShardState state =
          new ShardLoader(log, environment.restore(), clock, cancelled, buffer).load();
      if (state != null) {
        shard.loaded(state);
        metrics.loaded(System.nanoTime() - startNs);
      }
    } catch (ShardLog.NotLeaderException moved) {
      LOG.info("Groups not loaded: partition={} reason={}", log.id(), moved.getMessage());
      load(shard, RELOAD_MS);
    } catch (Throwable failure) {
      // Also where memory was missing: a shard that nobody loads refuses its groups for ever.
      try {
        LOG.error("Groups cannot be loaded, will be tried again: partition={}", log.id(), failure);
      } finally {
        load(shard, RELOAD_MS);
      }
    } finally {
      readBuffers.add(buffer);
    }
  }

  private void schedule(long delayMs, Runnable task) {
    try {
      var _ = loaders.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ending) {
      LOG.debug("The coordinators are closed, nothing is loaded any more");
    }
  }

  /** The shard that is the home of this group, or why it is not to be asked here. */
  private void withShard(String groupId, Consumer<GroupShard> found, Consumer<Errors> refused) {
    TopicImage topic = environment.image().get().leadership().topic(OffsetsTopic.NAME);
    GroupShard shard = topic == null ? null : shards.get(OffsetsTopic.partitionOf(groupId, topic));
    if (shard == null) {
      refused.accept(Errors.NOT_COORDINATOR);
    } else {
      found.accept(shard);
    }
  }

  @Override
  public <T> void ask(
      String groupId, GroupEvent<T> event, Function<Errors, T> refused, Reply<T> reply) {
    Consumer<Errors> otherwise = error -> reply.send(refused.apply(error));
    withShard(
        groupId,
        shard ->
            shard.submit(
                (state, nowMs, to, effects) ->
                    event.happen(state.groups(), nowMs, to, effects.effects()),
                reply,
                otherwise),
        otherwise);
  }

  /** Has an event happen on a group's shard; fails with why it did not. */
  <T> CompletableFuture<T> submit(String groupId, ShardEvent<T> event) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    withShard(groupId, shard -> submit(shard, event, answer), refusing(answer));
    return answer;
  }

  /** Has an event happen on all shards that this node leads, each for itself. */
  <T> List<CompletableFuture<T>> submitToAll(ShardEvent<T> event) {
    return all().stream().map(shard -> submit(shard, event)).toList();
  }

  /** The shards that this node leads at this moment. */
  List<GroupShard> all() {
    return List.copyOf(shards.values());
  }

  /** Has an event happen on one shard, as long as this node leads it; fails with why it did not. */
  static <T> CompletableFuture<T> submit(GroupShard shard, ShardEvent<T> event) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    submit(shard, event, answer);
    return answer;
  }

  private static <T> void submit(
      GroupShard shard, ShardEvent<T> event, CompletableFuture<T> answer) {
    shard.submit(event, answer::complete, refusing(answer));
  }

  private static Consumer<Errors> refusing(CompletableFuture<?> answer) {
    return error -> answer.completeExceptionally(new ShardUnavailableException(error));
  }

  /** Answers whoever waits, then ends its threads. */
  @Override
  public void close() {
    closed = true;
    loaders.shutdownNow();
    shards.forEach(this::end);
    threads.forEach(CoordinatorThread::close);
  }
}
