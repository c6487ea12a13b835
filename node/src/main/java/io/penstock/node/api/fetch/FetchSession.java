package io.penstock.node.api.fetch;

import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.Ticket;
import io.penstock.replication.partition.WakeTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that one client keeps fetching (KIP-227): it sends only what changes, and is
 * answered only what is new. All state is guarded by the session itself, since a client may come
 * back on another connection, hence on another loop. The order of partitions is the order in which
 * they are read: one that had something to say goes to the end, so that none is starved.
 *
 * <p>A consumer's partition that it has read to the end is quiet: it is watched, also between
 * requests, and not looked at again before it has more or changes its role. So a fetch costs what
 * is active, not what the session holds. What nobody tells of, as a log start that retention has
 * moved, is found when all are looked at, which is done every {@value #LOOK_AT_ALL_EACH_MS} ms.
 */
final class FetchSession {

  /** As often as an idle client comes back by default. */
  static final long LOOK_AT_ALL_EACH_MS = 500;

  private static final long NEVER_TOLD = -1;

  private final int id;
  private final boolean byTopicId;
  private final boolean privileged;
  private final LinkedHashMap<PartitionKey, Cached> partitions = new LinkedHashMap<>();

  /** Those to look at next, in order; what is missing here is quiet. */
  private final LinkedHashMap<PartitionKey, Cached> active = new LinkedHashMap<>();

  /** Those that were quiet and are not any more; filled by any thread, each at most once. */
  private final ConcurrentLinkedQueue<Cached> stirred = new ConcurrentLinkedQueue<>();

  private int epoch = 1;
  private boolean ended;
  private long lookedAtAllMs = Long.MIN_VALUE;
  private volatile long lastUsedMs;

  /** The fetch that waits for the session's partitions. */
  private volatile @Nullable FetchOperation parked;

  /** The one that is run for its partitions; ended by then, perhaps. */
  private volatile @Nullable FetchOperation woken;

  FetchSession(int id, boolean byTopicId, boolean privileged, long nowMs) {
    this.id = id;
    this.byTopicId = byTopicId;
    this.privileged = privileged;
    this.lastUsedMs = nowMs;
  }

  int id() {
    return id;
  }

  /** Whether a follower has it: those are not evicted for the sake of consumers. */
  boolean isPrivileged() {
    return privileged;
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
      partitions.put(
          result.item().key(), new Cached(result.item(), toldOf(result), result.logStartOffset()));
    }
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
      Cached known = partitions.get(item.key());
      if (known == null) {
        known = new Cached(item, NEVER_TOLD, NEVER_TOLD);
        partitions.put(item.key(), known);
      } else {
        known.item = item;
      }
      active.putIfAbsent(item.key(), known);
    }
    for (PartitionKey key : forgotten) {
      active.remove(key);
      Cached gone = partitions.remove(key);
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
  synchronized List<FetchItem> itemsToLookAt(long nowMs) {
    for (Cached each = stirred.poll(); each != null; each = stirred.poll()) {
      each.hasStirred.set(false);
      if (partitions.get(each.item.key()) == each) {
        active.putIfAbsent(each.item.key(), each);
      }
    }
    long agoMs = nowMs - lookedAtAllMs;
    if (lookedAtAllMs == Long.MIN_VALUE || agoMs < 0 || agoMs >= LOOK_AT_ALL_EACH_MS) {
      lookedAtAllMs = nowMs;
      active.clear();
      active.putAll(partitions);
    }
    active.values().forEach(Cached::watchNoMore);
    return itemsOf(active);
  }

  private static List<FetchItem> itemsOf(SequencedMap<PartitionKey, Cached> inOrder) {
    List<FetchItem> items = new ArrayList<>(inOrder.size());
    inOrder.values().forEach(each -> items.add(each.item));
    return items;
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
      Cached known = partitions.get(result.item().key());
      if (known != null && !watch(known, result)) {
        return false;
      }
    }
    return true;
  }

  /** Watches the partition from where it was found; it is quiet if its client knows all of it. */
  private boolean watch(Cached known, FetchResult result) {
    FetchResult.Place place = result.place();
    if (place == null) {
      return false;
    }
    if (ended) {
      return true;
    }
    known.watchNoMore();
    known.ticket =
        place.replica().awaitBytes(ReadLimit.HIGH_WATERMARK, place.end(), place.role(), known);
    if (known.ticket == null) {
      return false;
    }
    if (result.isReadToTheEnd() && known.knows(result)) {
      active.remove(result.item().key());
    }
    return true;
  }

  /** Those results that tell the client something new; the others hold nothing to be released. */
  synchronized List<FetchResult> news(List<FetchResult> results, long nowMs) {
    lastUsedMs = nowMs;
    List<FetchResult> news = new ArrayList<>();
    for (FetchResult result : results) {
      PartitionKey key = result.item().key();
      Cached known = partitions.get(key);
      if (known == null) {
        news.add(result);
        continue;
      }
      boolean changed =
          result.error() != Errors.NONE || result.diverging() != null || !known.knows(result);
      known.highWatermark = toldOf(result);
      known.logStartOffset = result.logStartOffset();
      if (result.slice() != null) {
        partitions.putLast(key, known);
        active.putLast(key, known);
      } else if (!privileged && result.isReadToTheEnd()) {
        watch(known, result);
      }
      if (changed || result.slice() != null) {
        news.add(result);
      }
    }
    return news;
  }

  /** Nobody will come back for it. */
  synchronized void end() {
    ended = true;
    partitions.values().forEach(Cached::watchNoMore);
  }

  /** After an error the next good answer is news, whatever it says. */
  private static long toldOf(FetchResult result) {
    return result.error() == Errors.NONE ? result.highWatermark() : NEVER_TOLD;
  }

  /**
   * What the client was told last about a partition, besides what it wants of it; and who watches
   * the partition. Guarded by the session, but for what {@link FetchWaiter} says.
   */
  private final class Cached implements FetchWaiter {
    private final AtomicBoolean hasStirred = new AtomicBoolean();
    private FetchItem item;
    private long highWatermark;
    private long logStartOffset;
    private volatile @Nullable Ticket ticket;

    private Cached(FetchItem item, long highWatermark, long logStartOffset) {
      this.item = item;
      this.highWatermark = highWatermark;
      this.logStartOffset = logStartOffset;
    }

    private boolean knows(FetchResult result) {
      return highWatermark == result.highWatermark() && logStartOffset == result.logStartOffset();
    }

    @Override
    public WakeTarget home() {
      return wokenFetch().home();
    }

    @Override
    public boolean bytesAvailable(long bytes) {
      FetchOperation fetch = stir();
      return fetch != null && fetch.bytesAvailable(bytes) && isToRun(fetch);
    }

    @Override
    public boolean disturbed() {
      FetchOperation fetch = stir();
      return fetch != null && fetch.disturbed() && isToRun(fetch);
    }

    /**
     * Notes that it is not quiet any more, before it looks who waits: one who begins to wait does
     * these two in the other order. Where nobody waits, once is enough.
     */
    private @Nullable FetchOperation stir() {
      if (hasStirred.compareAndSet(false, true)) {
        stirred.add(this);
      }
      FetchOperation fetch = parked;
      Ticket place = ticket;
      if (fetch == null && place != null) {
        place.leave();
      }
      return fetch;
    }

    private boolean isToRun(FetchOperation fetch) {
      woken = fetch;
      return true;
    }

    @Override
    public void run() {
      wokenFetch().run();
    }

    private FetchOperation wokenFetch() {
      FetchOperation fetch = woken;
      if (fetch == null) {
        throw new IllegalStateException("no fetch was woken: " + item.key());
      }
      return fetch;
    }

    private void watchNoMore() {
      Ticket place = ticket;
      if (place != null) {
        place.leave();
        ticket = null;
      }
    }
  }
}
