package io.penstock.node.api.fetch;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * The fetch sessions of a node (KIP-227). Bounded in number, and in partitions of all sessions
 * together; where there is no room the client is answered without a session, and sends complete
 * requests. Sessions are not bound to connections: only their age tells that a client is gone.
 */
public final class FetchSessions {

  static final int NO_SESSION = 0;
  static final int INITIAL_EPOCH = 0;
  static final int FINAL_EPOCH = -1;

  /** A session that was not used for so long may be evicted for a new one. */
  static final long IDLE_MS = 120_000;

  private static final short FIRST_WITH_SESSIONS = 7;
  private static final short FIRST_WITH_TOPIC_IDS = 13;

  private final int sessionsMax;
  private final int partitionsMax;
  private final Map<Integer, FetchSession> sessions = new ConcurrentHashMap<>();

  /** Partitions in all sessions; may be a little behind while sessions change. */
  private final AtomicLong partitions = new AtomicLong();

  private final Meter evictions;

  public FetchSessions(int sessionsMax, int partitionsMax, MetricRegistry metrics) {
    this.sessionsMax = sessionsMax;
    this.partitionsMax = partitionsMax;
    this.evictions = metrics.meter("penstock.fetch.sessions.evicted");
    metrics.gauge("penstock.fetch.sessions", () -> (Gauge<Integer>) sessions::size);
    metrics.gauge("penstock.fetch.sessions.partitions", () -> (Gauge<Long>) partitions::get);
  }

  FetchPlan plan(FetchRequestData request, FetchParameters parameters) {
    short version = parameters.version();
    boolean byTopicId = version >= FIRST_WITH_TOPIC_IDS;
    List<FetchItem> items = itemsOf(request, byTopicId);
    if (version < FIRST_WITH_SESSIONS) {
      return new FetchPlan.Once(items);
    }
    int epoch = request.sessionEpoch();
    if (epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH) {
      end(request.sessionId());
      return epoch == FINAL_EPOCH
          ? new FetchPlan.Once(items)
          : new FetchPlan.Begin(items, byTopicId);
    }
    return proceed(request, parameters, byTopicId, items);
  }

  private FetchPlan proceed(
      FetchRequestData request,
      FetchParameters parameters,
      boolean byTopicId,
      List<FetchItem> items) {
    FetchSession session = sessions.get(request.sessionId());
    if (session == null || session.isFollowers() != parameters.isFollower()) {
      return new FetchPlan.Refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }
    if (session.usesTopicIds() != byTopicId) {
      return new FetchPlan.Refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
    }
    int before = session.size();
    List<PartitionKey> forgotten = forgottenBy(request, byTopicId);
    Errors error =
        session.update(request.sessionEpoch(), items, forgotten, parameters.receivedMs());
    if (error != Errors.NONE) {
      return new FetchPlan.Refused(error);
    }
    partitions.addAndGet(session.size() - (long) before);
    if (session.size() == 0 || partitions.get() > partitionsMax) {
      List<FetchItem> all = session.items();
      end(session.id());
      return new FetchPlan.Once(all);
    }
    return new FetchPlan.Continue(session);
  }

  /** Opens a session for what a full fetch found; {@link #NO_SESSION} where there is no room. */
  int begin(List<FetchResult> results, boolean byTopicId, boolean follower, long nowMs) {
    if (partitions.get() + results.size() > partitionsMax) {
      return NO_SESSION;
    }
    synchronized (this) {
      if (sessions.size() >= sessionsMax && !evictOne(follower, nowMs)) {
        return NO_SESSION;
      }
      FetchSession session = new FetchSession(unusedId(), byTopicId, follower, nowMs);
      session.remember(results);
      partitions.addAndGet(session.size());
      sessions.put(session.id(), session);
      return session.id();
    }
  }

  int size() {
    return sessions.size();
  }

  private boolean evictOne(boolean forFollower, long nowMs) {
    Optional<FetchSession> oldest =
        sessions.values().stream().min(Comparator.comparingLong(FetchSession::lastUsedMs));
    if (oldest.isPresent() && nowMs - oldest.get().lastUsedMs() > IDLE_MS) {
      return evict(oldest.get());
    }
    if (!forFollower) {
      return false;
    }
    return sessions.values().stream()
        .filter(session -> !session.isFollowers())
        .min(Comparator.comparingLong(FetchSession::lastUsedMs))
        .map(this::evict)
        .orElse(false);
  }

  private boolean evict(FetchSession session) {
    evictions.mark();
    end(session.id());
    return true;
  }

  private void end(int id) {
    FetchSession session = sessions.remove(id);
    if (session != null) {
      partitions.addAndGet(-session.size());
      session.end();
    }
  }

  /** Drawn, not counted, so that a client that is gone is not taken for another's. */
  private int unusedId() {
    while (true) {
      int id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
      if (!sessions.containsKey(id)) {
        return id;
      }
    }
  }

  private static List<FetchItem> itemsOf(FetchRequestData request, boolean byTopicId) {
    List<FetchItem> items = new ArrayList<>();
    for (FetchTopic topic : request.topics()) {
      for (FetchPartition partition : topic.partitions()) {
        PartitionKey key =
            byTopicId
                ? new PartitionKey(null, topic.topicId(), partition.partition())
                : new PartitionKey(topic.topic(), null, partition.partition());
        items.add(FetchItem.of(key, partition));
      }
    }
    return items;
  }

  private static List<PartitionKey> forgottenBy(FetchRequestData request, boolean byTopicId) {
    List<PartitionKey> forgotten = new ArrayList<>();
    for (ForgottenTopic topic : request.forgottenTopicsData()) {
      for (int partition : topic.partitions()) {
        forgotten.add(
            byTopicId
                ? new PartitionKey(null, topic.topicId(), partition)
                : new PartitionKey(topic.topic(), null, partition));
      }
    }
    return forgotten;
  }
}
