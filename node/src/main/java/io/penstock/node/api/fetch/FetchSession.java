package io.penstock.node.api.fetch;

import io.penstock.replication.partition.ReadLimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that one client keeps fetching (KIP-227): it sends only what changes, and is
 * answered only what is new. All state is guarded by the session itself, since a client may come
 * back on another connection, hence on another loop. The order of partitions is the order in which
 * they are read: one that had something to say goes to the end, so that none is starved.
 *
 * <p>A partition that its client has read to the end, and knows the borders of, is quiet: it is
 * watched, also between requests, and not looked at again before it has more or changes its role,
 * or, for a follower, before its borders move. So a fetch costs what is active, not what the
 * session holds. What nobody tells of, as a log start that retention has moved, is found when the
 * quiet ones are gone through, which is done every {@value #GO_THROUGH_EACH_MS} ms.
 */
final class FetchSession {

  /** As often as an idle client comes back by default. */
  static final long GO_THROUGH_EACH_MS = 500;

  /** A partition that is watched, and where from. */
  record Quiet(SessionPartition partition, FetchItem item, FetchResult.Place place) {}

  private final int id;
  private final boolean byTopicId;
  private final boolean ofFollower;
  private final LinkedHashMap<PartitionKey, SessionPartition> partitions = new LinkedHashMap<>();

  /** Those to look at next, in order; what is missing here is quiet. */
  private final LinkedHashMap<PartitionKey, SessionPartition> active = new LinkedHashMap<>();

  /** Those that were quiet and are not any more; filled by any thread, each at most once. */
  private final ConcurrentLinkedQueue<SessionPartition> stirred = new ConcurrentLinkedQueue<>();

  private int epoch = 1;
  private boolean ended;
  private long goneThroughMs = Long.MIN_VALUE;
  private long lastRecordsMs = Long.MIN_VALUE;
  private boolean isBusy;
  private volatile long lastUsedMs;

  /** The fetch that waits for the session's partitions. */
  private volatile @Nullable FetchOperation parked;

  FetchSession(int id, boolean byTopicId, boolean ofFollower, long nowMs) {
    this.id = id;
    this.byTopicId = byTopicId;
    this.ofFollower = ofFollower;
    this.lastUsedMs = nowMs;
  }

  int id() {
    return id;
  }

  /** Whether a follower has it: those are not evicted for the sake of consumers. */
  boolean isFollowers() {
    return ofFollower;
  }

  boolean usesTopicIds() {
    return byTopicId;
  }

  long lastUsedMs() {
    return lastUsedMs;
  }

  synchronized int size() {
    return partitions.size();
  }

  /** Takes what a full fetch found as what its client knows. */
  synchronized void remember(List<FetchResult> results) {
    for (FetchResult result : results) {
      SessionPartition partition = partitionFor(result.item());
      partition.tell(result);
      partitions.put(result.item().key(), partition);
      active.put(result.item().key(), partition);
    }
  }

  private SessionPartition partitionFor(FetchItem item) {
    return new SessionPartition(
        this, ofFollower ? ReadLimit.LOG_END : ReadLimit.HIGH_WATERMARK, item);
  }

  /** Takes up an incremental request, if it is the next one in order. */
  synchronized Errors update(
      int requestEpoch, List<FetchItem> changed, List<PartitionKey> forgotten, long nowMs) {
    if (requestEpoch != epoch) {
      return Errors.INVALID_FETCH_SESSION_EPOCH;
    }
    lastUsedMs = nowMs;
    epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    for (FetchItem item : changed) {
      SessionPartition known = partitions.get(item.key());
      if (known == null) {
        known = partitionFor(item);
        partitions.put(item.key(), known);
      } else {
        known.change(item);
      }
      active.putIfAbsent(item.key(), known);
    }
    for (PartitionKey key : forgotten) {
      active.remove(key);
      SessionPartition gone = partitions.remove(key);
      if (gone != null) {
        gone.watchNoMore();
      }
    }
    return Errors.NONE;
  }

  /** All that the client wants at present, in reading order. */
  synchronized List<FetchItem> items() {
    return itemsOf(partitions);
  }

  /** What has to be looked at of it, in reading order; it is not watched meanwhile. */
  synchronized List<FetchItem> itemsToLookAt() {
    takeStirred();
    active.values().forEach(SessionPartition::watchNoMore);
    return itemsOf(active);
  }

  private void takeStirred() {
    for (SessionPartition each = stirred.poll(); each != null; each = stirred.poll()) {
      each.settle();
      if (each.equals(partitions.get(each.item().key()))) {
        active.putIfAbsent(each.item().key(), each);
      }
    }
  }

  private static List<FetchItem> itemsOf(SequencedMap<PartitionKey, SessionPartition> inOrder) {
    List<FetchItem> items = new ArrayList<>(inOrder.size());
    inOrder.values().forEach(each -> items.add(each.item()));
    return items;
  }

  /**
   * What is quiet and still as its client was told, if it is time to go through all of it; what is
   * not, becomes active.
   */
  synchronized List<Quiet> goThroughQuiet(long nowMs) {
    long agoMs = nowMs - goneThroughMs;
    if (goneThroughMs != Long.MIN_VALUE && agoMs >= 0 && agoMs < GO_THROUGH_EACH_MS) {
      return List.of();
    }
    goneThroughMs = nowMs;
    takeStirred();
    List<Quiet> quiet = new ArrayList<>(partitions.size() - active.size());
    partitions.forEach((key, partition) -> {
      if (active.containsKey(key)) {
        return;
      }
      FetchResult.Place place = partition.watchedFrom();
      if (place != null && partition.isAsTold(place)) {
        quiet.add(new Quiet(partition, partition.item(), place));
      } else {
        active.put(key, partition);
      }
    });
    return quiet;
  }

  /** Has a partition looked at that was quiet. */
  synchronized void wake(SessionPartition partition) {
    partition.renew();
    active.putIfAbsent(partition.item().key(), partition);
  }

  /** Whether what the client says of the partition was not taken note of yet; it is, after this. */
  synchronized boolean takeNew(FetchItem item) {
    SessionPartition known = partitions.get(item.key());
    return known != null && known.takeNew();
  }

  /** Whether there is anything in the results that the client was not told. */
  synchronized boolean isNews(List<FetchResult> results) {
    for (FetchResult result : results) {
      SessionPartition known = partitions.get(result.item().key());
      if (known == null || !known.isToldOf(result)) {
        return true;
      }
    }
    return false;
  }

  /** Any thread: the partition is not quiet any more. */
  void stirred(SessionPartition partition) {
    stirred.add(partition);
  }

  @Nullable FetchOperation parked() {
    return parked;
  }

  /**
   * Has the fetch told of what happens at the session's partitions, as it was found.
   *
   * @return false where something has happened already: it is to look again
   */
  boolean park(FetchOperation fetch, List<FetchResult> results) {
    parked = fetch;
    if (watchAll(results) && stirred.isEmpty()) {
      return true;
    }
    unpark(fetch);
    return false;
  }

  void unpark(FetchOperation fetch) {
    if (fetch.equals(parked)) {
      parked = null;
    }
  }

  private synchronized boolean watchAll(List<FetchResult> results) {
    for (FetchResult result : results) {
      SessionPartition known = partitions.get(result.item().key());
      if (known != null && !watch(known, result)) {
        return false;
      }
    }
    return true;
  }

  /** Watches the partition from where it was found; it is quiet if its client knows all of it. */
  private boolean watch(SessionPartition known, FetchResult result) {
    if (ended) {
      return result.place() != null;
    }
    if (!known.watch(result)) {
      return false;
    }
    if (known.isQuietAfter(result)) {
      active.remove(result.item().key());
    }
    return true;
  }

  /** Whether its last two answers with records were so close that the next may be expected soon. */
  synchronized boolean isBusy() {
    return isBusy;
  }

  private void gaveRecords(long nowMs) {
    isBusy =
        lastRecordsMs != Long.MIN_VALUE && nowMs - lastRecordsMs < FetchOperation.BORDERS_WAIT_MS;
    lastRecordsMs = nowMs;
  }

  /** Those results that tell the client something new; the others hold nothing to be released. */
  synchronized List<FetchResult> news(List<FetchResult> results, long nowMs) {
    lastUsedMs = nowMs;
    boolean hasRecords = false;
    List<FetchResult> news = new ArrayList<>();
    for (FetchResult result : results) {
      PartitionKey key = result.item().key();
      SessionPartition known = partitions.get(key);
      if (known == null) {
        news.add(result);
        continue;
      }
      boolean changed = result.isUrgent() || !known.isToldOf(result);
      known.tell(result);
      if (result.slice() != null) {
        hasRecords = true;
        partitions.putLast(key, known);
        active.putLast(key, known);
      } else if (result.isReadToTheEnd()) {
        watch(known, result);
      }
      if (changed || result.slice() != null) {
        news.add(result);
      }
    }
    if (hasRecords) {
      gaveRecords(nowMs);
    }
    return news;
  }

  /** Nobody will come back for it. */
  synchronized void end() {
    ended = true;
    partitions.values().forEach(SessionPartition::watchNoMore);
  }
}
