package io.penstock.node.api.fetch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/**
 * The partitions that one client keeps fetching (KIP-227): it sends only what changes, and is
 * answered only what is new. All state is guarded by the session itself, since a client may come
 * back on another connection, hence on another loop. The order of partitions is the order in which
 * they are read: one that had something to say goes to the end, so that none is starved.
 */
final class FetchSession {

  /** What the client was told last about a partition, besides what it wants of it. */
  private static final class Cached {
    private FetchItem item;
    private long highWatermark;
    private long logStartOffset;

    private Cached(FetchItem item, long highWatermark, long logStartOffset) {
      this.item = item;
      this.highWatermark = highWatermark;
      this.logStartOffset = logStartOffset;
    }
  }

  private static final long NEVER_TOLD = -1;

  private final int id;
  private final boolean byTopicId;
  private final boolean privileged;
  private final LinkedHashMap<PartitionKey, Cached> partitions = new LinkedHashMap<>();
  private int epoch = 1;
  private volatile long lastUsedMs;

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
        partitions.put(item.key(), new Cached(item, NEVER_TOLD, NEVER_TOLD));
      } else {
        known.item = item;
      }
    }
    forgotten.forEach(partitions::remove);
    return Errors.NONE;
  }

  /** All that the client wants at present, in reading order. */
  synchronized List<FetchItem> items() {
    List<FetchItem> items = new ArrayList<>(partitions.size());
    for (Map.Entry<PartitionKey, Cached> entry : partitions.entrySet()) {
      items.add(entry.getValue().item);
    }
    return items;
  }

  /** Those results that tell the client something new; the others hold nothing to be released. */
  synchronized List<FetchResult> news(List<FetchResult> results, long nowMs) {
    lastUsedMs = nowMs;
    List<FetchResult> news = new ArrayList<>();
    for (FetchResult result : results) {
      Cached known = partitions.get(result.item().key());
      if (known == null) {
        news.add(result);
        continue;
      }
      boolean changed =
          result.error() != Errors.NONE
              || result.diverging() != null
              || result.highWatermark() != known.highWatermark
              || result.logStartOffset() != known.logStartOffset;
      known.highWatermark = toldOf(result);
      known.logStartOffset = result.logStartOffset();
      if (result.slice() != null) {
        partitions.putLast(result.item().key(), known);
      }
      if (changed || result.slice() != null) {
        news.add(result);
      }
    }
    return news;
  }

  /** After an error the next good answer is news, whatever it says. */
  private static long toldOf(FetchResult result) {
    return result.error() == Errors.NONE ? result.highWatermark() : NEVER_TOLD;
  }
}
