package io.penstock.replication.partition;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.PersistentList;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The replicas that this node holds, kept in step with the cluster's image: it has logs opened,
 * created and deleted, and hands out roles, on one thread of its own, which works on the newest
 * image, may skip older ones, looks only at what changed, and waits for no log to be opened,
 * created or deleted. Event loops look replicas up without a lock; one that is not there (yet) is
 * not served by this node.
 */
public final class PartitionRegistry implements ImageListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionRegistry.class);
  private static final long CLOSE_SECONDS = 30;
  private static final long RETRY_SECONDS = 5;
  private static final PersistentList<PartitionImage> NONE = PersistentList.copyOf(List.of());

  private final PeerCaller self;
  private final int nodeId;
  private final LogOpener opener;
  private final PartitionSettings settings;
  private final ScheduledExecutorService thread;
  private final Wakeups wakeups = new Wakeups();
  private final RoleObservers observers = new RoleObservers();
  private final Map<UUID, TopicReplicas> byId = new ConcurrentHashMap<>();
  private final Map<String, TopicReplicas> byName = new ConcurrentHashMap<>();
  private volatile ClusterImage target = ClusterImage.EMPTY;
  private final AtomicBoolean catchingUp = new AtomicBoolean();
  private volatile boolean closed;

  /** As {@link #openingCount}. */
  private volatile int openingNow = -1;

  /** What the replicas were last brought in step with; only the registry's thread uses it. */
  private ClusterImage applied = ClusterImage.EMPTY;

  /** Logs that are being recovered, and those that could not be opened; the same thread's. */
  private final Map<LogId, CompletableFuture<PartitionLog>> opening = new HashMap<>();

  private final Map<LogId, Throwable> failed = new HashMap<>();

  /** Logs that are not here and may not be created yet; the same thread's. */
  private final Set<LogId> waiting = new LinkedHashSet<>();

  /**
   * @param self this process: it leads only what was given to it, not to its predecessors
   */
  public PartitionRegistry(
      PeerCaller self, LogDirectories directories, PartitionSettings settings) {
    this.self = self;
    this.nodeId = self.nodeId();
    this.opener = new LogOpener(directories);
    this.settings = settings;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("penstock-partitions").unstarted(task));
    var _ =
        thread.scheduleWithFixedDelay(
            () -> runTask(this::retryFailed), RETRY_SECONDS, RETRY_SECONDS, TimeUnit.SECONDS);
    directories.addListener(this::directoryOffline);
  }

  /**
   * Has the observer told of every assignment and removal from now on, on the registry's thread;
   * whoever is to miss none adds it before the first image comes.
   */
  public void addRoleObserver(RoleObserver observer) {
    observers.add(observer);
  }

  /** The replica here of a partition, or null where this node does not serve it. */
  public @Nullable PartitionReplica find(UUID topicId, int partition) {
    TopicReplicas topic = byId.get(topicId);
    return topic == null ? null : topic.find(partition);
  }

  /** As by id, of the topic that has this name now. */
  public @Nullable PartitionReplica find(String topicName, int partition) {
    TopicReplicas topic = byName.get(topicName);
    return topic == null ? null : topic.find(partition);
  }

  /** All replicas that are here at the moment, in no order. */
  public Collection<PartitionReplica> replicas() {
    List<PartitionReplica> all = new ArrayList<>();
    byId.values().forEach(topic -> forEachReplica(topic, all::add));
    return all;
  }

  /** Lets producers go that wait here for others of whom nothing is heard. Any thread. */
  public void cutOff() {
    Wakeups wakeups = new Wakeups();
    replicas().forEach(replica -> replica.cutOff(wakeups));
    wakeups.run();
  }

  /** Logs that are being opened or recovered here; -1 before the first image was gone through. */
  public int openingCount() {
    return openingNow;
  }

  /**
   * Completes once partitions 0 to {@code partitionCount - 1} of the topic take requests, as far as
   * this node leads them in the newest image; fails where one of them cannot be opened.
   */
  public CompletionStage<?> whenServed(UUID topicId, int partitionCount) {
    CompletableFuture<@Nullable Void> served = new CompletableFuture<>();
    try {
      thread.execute(() -> runTask(() -> completeWhenServed(topicId, partitionCount, served)));
    } catch (RejectedExecutionException closed) {
      served.completeExceptionally(closed);
    }
    return served;
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    target = after;
    if (catchingUp.compareAndSet(false, true)) {
      submit(this::catchUp);
    }
  }

  private void catchUp() {
    catchingUp.set(false); // before the image is read, so that none after it is missed
    ClusterImage from = applied;
    ClusterImage to = target;
    applied = to;
    List<TopicChange> changed = new ArrayList<>();
    List<TopicReplicas> gone = new ArrayList<>();
    to.leadership()
        .forEachChangedTopic(
            from.leadership(),
            (id, earlier, after) -> {
              TopicReplicas known = byId.get(id);
              if (after != null) {
                changed.add(new TopicChange(earlier, after));
              } else if (known != null) {
                gone.add(known);
              }
            });
    gone.forEach(this::forget);
    updateSettings(from, to);
    List<LogId> missing = new ArrayList<>();
    changed.forEach(topic -> assign(topic, missing));
    open(withThoseThatWaited(missing));
    openingNow = opening.size();
  }

  /**
   * Whether a log that is not on this node may begin empty. Not where the partition waits for a
   * disk that is away, and not before the cluster knows this process, by whose disks it decides
   * that: else the disk would come back with a second copy, and the empty one might lead.
   */
  private boolean mayBeCreated(LogId id) {
    LeadershipImage image = applied.leadership();
    PartitionImage partition = image.partition(id.topicId(), id.partition());
    return partition != null && !partition.bereft() && OwnRoles.isRegistered(self, image);
  }

  private List<LogId> withThoseThatWaited(List<LogId> missing) {
    if (waiting.isEmpty()) {
      return missing;
    }
    Set<LogId> all = new LinkedHashSet<>(missing);
    waiting.removeIf(id -> {
      PartitionImage image = applied.leadership().partition(id.topicId(), id.partition());
      boolean here = image != null && image.replicas().contains(nodeId);
      if (here && mayBeCreated(id)) {
        all.add(id);
      }
      return !here || all.contains(id);
    });
    return List.copyOf(all);
  }

  /** A topic as it was last brought in step with, and as it is now. */
  private record TopicChange(@Nullable TopicImage before, TopicImage after) {}

  /**
   * Gives the replicas of a topic that changed their roles; those that have no log here yet are
   * missing. A partition that did not change has its role, or gets it when its log is open.
   */
  private void assign(TopicChange change, List<LogId> missing) {
    TopicImage topic = change.after;
    TopicReplicas replicas =
        byId.computeIfAbsent(topic.id(), id -> new TopicReplicas(topic.name(), id));
    replicas.reserve(topic.partitionCount());
    byName.put(topic.name(), replicas);
    TopicImage before = change.before;
    boolean all = before == null || before.minInsyncReplicas() != topic.minInsyncReplicas();
    PersistentList<PartitionImage> known = before == null || all ? NONE : before.partitions();
    topic
        .partitions()
        .forEachChange(known, (index, image) -> assign(replicas, topic, index, image, missing));
  }

  private void assign(
      TopicReplicas replicas,
      TopicImage topic,
      int partition,
      PartitionImage image,
      List<LogId> missing) {
    PartitionReplica replica = replicas.find(partition);
    if (!image.replicas().contains(nodeId)) {
      if (replica != null) {
        drop(replicas, partition, replica);
      }
    } else if (replica == null) {
      LogId id = new LogId(topic.name(), topic.id(), partition);
      if (!opening.containsKey(id)) {
        missing.add(id);
      }
    } else {
      contain(replica.id(), () -> give(replica, topic, image));
    }
  }

  /** A broken invariant stops the partition that it is of, and no other. */
  private void contain(LogId id, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException bug) {
      LOG.error("A partition is stopped by a defect: partition={}", id, bug);
      PartitionReplica replica = find(id.topicId(), id.partition());
      if (replica == null) {
        failed.put(id, bug);
      } else {
        replica.goOffline("broken invariant: " + bug, wakeups);
      }
    }
  }

  private void open(List<LogId> missing) {
    if (missing.isEmpty()) {
      return;
    }
    Map<LogId, CompletionStage<PartitionLog>> stages =
        opener.open(
            missing, id -> settings.of(id.topicId(), applied.metadata()), this::mayBeCreated);
    missing.stream().filter(id -> !stages.containsKey(id)).forEach(waiting::add);
    stages.forEach((id, stage) -> {
      CompletableFuture<PartitionLog> future = stage.toCompletableFuture();
      if (future.isDone()) {
        contain(id, () -> opened(id, future));
        return;
      }
      opening.put(id, future);
      var _ = future.whenComplete((_, _) -> submit(() -> contain(id, () -> opened(id, future))));
    });
  }

  private void opened(LogId id, CompletableFuture<PartitionLog> done) {
    if (opening.remove(id) != null) {
      openingNow = opening.size();
    }
    if (done.isCompletedExceptionally()) {
      openingFailed(id, failureOf(done));
      return;
    }
    failed.remove(id);
    TopicImage topic = applied.leadership().topic(id.topicId());
    PartitionImage image = topic == null ? null : topic.partition(id.partition());
    TopicReplicas replicas = byId.get(id.topicId());
    if (topic == null || image == null || replicas == null || !image.replicas().contains(nodeId)) {
      opener.delete(id);
      return;
    }
    if (replicas.find(id.partition()) == null) {
      PartitionReplica replica = new PartitionReplica(nodeId, done.join(), this::stopped);
      replica.updateSettings(settings.of(id.topicId(), applied.metadata()));
      give(replica, topic, image);
      replicas.put(id.partition(), replica);
    }
  }

  /** Says it once: it is tried every few seconds, of thousands of logs where a disk has failed. */
  private void openingFailed(LogId id, Throwable failure) {
    Throwable before = failed.put(id, failure);
    boolean isNew = before == null || !before.toString().equals(failure.toString());
    LOG.atLevel(isNew ? Level.ERROR : Level.DEBUG)
        .setCause(failure)
        .log("Log cannot be opened, will be tried again: partition={}", id);
  }

  private void give(PartitionReplica replica, TopicImage topic, PartitionImage image) {
    PartitionImage own = OwnRoles.of(self, applied.leadership(), image);
    replica.become(own, topic.minInsyncReplicas(), wakeups);
    observers.assigned(replica, own);
  }

  /** A replica serves no more, for whatever reason. Any thread. */
  private void stopped(PartitionReplica replica) {
    submit(() -> observers.removed(replica));
  }

  private static Throwable failureOf(CompletableFuture<?> failed) {
    Throwable failure = failed.exceptionNow();
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void retryFailed() {
    List<LogId> wanted = new ArrayList<>();
    for (LogId id : List.copyOf(failed.keySet())) {
      PartitionImage image = applied.leadership().partition(id.topicId(), id.partition());
      if (image == null || !image.replicas().contains(nodeId)) {
        failed.remove(id);
      } else {
        wanted.add(id);
      }
    }
    open(wanted);
  }

  private void updateSettings(ClusterImage from, ClusterImage to) {
    boolean[] all = {false};
    List<UUID> topics = new ArrayList<>();
    to.metadata()
        .forEachChangedConfig(
            from.metadata(),
            (config, _, _) -> {
              switch (config) {
                case ConfigTarget.Topic(UUID id) -> topics.add(id);
                case ConfigTarget.Node(int id) -> all[0] |= id == nodeId;
                case ConfigTarget.AllNodes() -> all[0] = true;
                case ConfigTarget.Group _ -> {}
              }
            });
    for (UUID id : all[0] ? byId.keySet() : topics) {
      TopicReplicas topic = byId.get(id);
      if (topic != null) {
        forEachReplica(
            topic, r -> contain(r.id(), () -> r.updateSettings(settings.of(id, to.metadata()))));
      }
    }
  }

  private void forget(TopicReplicas topic) {
    byId.remove(topic.id());
    byName.remove(topic.name(), topic);
    for (int i = 0; i < topic.partitionsKnown(); i++) {
      PartitionReplica replica = topic.find(i);
      if (replica != null) {
        drop(topic, i, replica);
      }
    }
  }

  private void drop(TopicReplicas topic, int partition, PartitionReplica replica) {
    topic.put(partition, null);
    replica.retire("no longer on this node", wakeups);
    opener.delete(replica.id());
  }

  private void directoryOffline(Path directory, Set<LogId> logs, StorageException cause) {
    LOG.error("Data directory failed: directory={} partitions={}", directory, logs.size(), cause);
    submit(() -> {
      for (LogId id : logs) {
        PartitionReplica replica = find(id.topicId(), id.partition());
        if (replica != null) {
          replica.goOffline(String.valueOf(cause.getMessage()), wakeups);
        }
      }
    });
  }

  private void completeWhenServed(
      UUID topicId, int partitionCount, CompletableFuture<@Nullable Void> served) {
    catchUp();
    TopicImage topic = applied.leadership().topic(topicId);
    if (topic == null) {
      served.complete(null);
      return;
    }
    List<CompletableFuture<?>> awaited = new ArrayList<>();
    for (int i = 0; i < Math.min(partitionCount, topic.partitionCount()); i++) {
      LogId id = new LogId(topic.name(), topicId, i);
      CompletableFuture<PartitionLog> underWay = opening.get(id);
      Throwable failure = failed.get(id);
      if (underWay != null) {
        awaited.add(underWay);
      } else if (failure != null) {
        served.completeExceptionally(failure);
        return;
      }
    }
    if (awaited.isEmpty()) {
      served.complete(null);
      return;
    }
    // Each log's own stage was registered first, so the task that serves it is queued before this.
    var _ =
        CompletableFuture.allOf(awaited.toArray(CompletableFuture<?>[]::new))
            .whenComplete(
                (_, _) -> submit(() -> completeWhenServed(topicId, partitionCount, served)));
  }

  private static void forEachReplica(TopicReplicas topic, Consumer<PartitionReplica> action) {
    for (int i = 0; i < topic.partitionsKnown(); i++) {
      PartitionReplica replica = topic.find(i);
      if (replica != null) {
        action.accept(replica);
      }
    }
  }

  private void submit(Runnable task) {
    try {
      thread.execute(() -> runTask(task));
    } catch (RejectedExecutionException alreadyClosed) {
      LOG.debug("Registry is closed, a change is not taken up");
    }
  }

  /** A task that fails is a bug; it must not end the thread, nor be lost. */
  private void runTask(Runnable task) {
    try {
      task.run();
      wakeups.run();
    } catch (RuntimeException bug) {
      LOG.error("Partitions may be out of step with the cluster's image", bug);
    }
  }

  /** Ends the thread and all roles, so that nobody waits for a partition any more. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    opener.close();
    submit(() -> replicas().forEach(replica -> replica.retire("node is stopping", wakeups)));
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Changing roles takes longer than {} s, left behind", CLOSE_SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
