package io.penstock.node.group;

import io.penstock.client.wire.KeyedRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import io.penstock.node.group.offset.OffsetChange;
import io.penstock.node.group.record.GroupRecordCodec;
import io.penstock.replication.partition.AckWaiter;
import io.penstock.replication.partition.Refusal;
import io.penstock.replication.partition.WakeTarget;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of {@code __consumer_offsets} in one leader epoch of this node: changes groups and
 * offsets by events, one after another on its thread, appends what they decide, and lets an answer
 * go when what it rests on is committed. So nobody ever sees an offset that could be lost.
 *
 * <pre>
 * LOADING ──loaded──► ACTIVE ──defect──► BROKEN
 *    └────────────────────┴──────close──────┴──► CLOSED
 * </pre>
 */
final class GroupShard {

  private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);

  private static final long HEARD = -1;

  /** How often it is looked whether clients are heard again. */
  private static final long UNHEARD_TICK_MS = 1_000;

  private enum Phase {
    LOADING,
    ACTIVE,
    /** Appends nothing and serves nobody; whoever waits is answered when it is closed. */
    BROKEN,
    CLOSED
  }

  /**
   * What a shard stands on.
   *
   * @param clock never goes back
   * @param memory that all shards share
   * @param broken told of a defect, after which the shard has to be read anew
   */
  record Services(
      CoordinatorThread thread,
      LongSupplier clock,
      CoordinatorMemory memory,
      GroupMetrics metrics,
      Consumer<GroupShard> broken) {}

  private final ShardLog log;
  private final Services services;
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private volatile Phase phase = Phase.LOADING;
  private ShardState state = ShardState.empty();
  private volatile ShardSize size = ShardSize.NOTHING;
  private long lastAppended = -1;
  private final ShardTimer timer;

  /** Since when clients are refused here although no other node leads; {@link #HEARD} if not. */
  private long unheardSinceMs = HEARD;

  GroupShard(ShardLog log, Services services) {
    this.log = log;
    this.services = services;
    this.timer = new ShardTimer(services.thread(), services.clock(), this::tick);
  }

  ShardLog log() {
    return log;
  }

  boolean isClosed() {
    return phase == Phase.CLOSED;
  }

  boolean isLoading() {
    return phase == Phase.LOADING;
  }

  boolean isActive() {
    return phase == Phase.ACTIVE;
  }

  /** How much it held after the last event. */
  ShardSize size() {
    return size;
  }

  private void measure() {
    ShardSize now = state.size();
    services.memory().add(now.bytes() - size.bytes());
    size = now;
  }

  /** Takes up what the loader has read. Any thread. */
  void loaded(ShardState read) {
    services
        .thread()
        .execute(() -> {
          if (phase != Phase.LOADING) {
            return;
          }
          try {
            state = read;
            state.groups().limitTo(services.memory()::hasRoom);
            lastAppended = log.endOffset() - 1;
            phase = Phase.ACTIVE;
            settleTimers();
          } catch (Throwable defect) {
            broken(defect);
          }
        });
  }

  /**
   * Has the event happen when its turn comes. Any thread.
   *
   * @param reply gets the event's answer, on the shard's thread
   * @param refused told on any thread that the event does not happen, and why: {@link
   *     Errors#COORDINATOR_NOT_AVAILABLE} where too many wait already
   */
  <T> void submit(ShardEvent<T> event, Reply<T> reply, Consumer<Errors> refused) {
    if (!services.thread().offer(() -> happen(event, reply, refused))) {
      services.metrics().refused();
      refused.accept(Errors.COORDINATOR_NOT_AVAILABLE);
    }
  }

  private <T> void happen(ShardEvent<T> event, Reply<T> reply, Consumer<Errors> refused) {
    long nowMs = services.clock().getAsLong();
    Errors refusal = refusal();
    if (refusal != Errors.NONE) {
      unheard(nowMs);
      refused.accept(refusal);
      return;
    }
    Once<T> once = new Once<>(reply);
    ShardEffects effects = new ShardEffects();
    try {
      heard(nowMs);
      event.happen(state, nowMs, once, effects);
      carryOut(effects);
      settleTimers();
    } catch (Throwable defect) {
      // Others than the one who asks may be told something, and no longer wait in their group.
      answer(effects);
      if (once.take()) {
        contain(() -> refused.accept(Errors.UNKNOWN_SERVER_ERROR));
      }
      broken(defect);
    }
  }

  private Errors refusal() {
    return switch (phase) {
      case LOADING, BROKEN ->
          log.leads() ? Errors.COORDINATOR_LOAD_IN_PROGRESS : Errors.NOT_COORDINATOR;
      case ACTIVE -> log.leads() ? Errors.NONE : Errors.NOT_COORDINATOR;
      case CLOSED -> Errors.NOT_COORDINATOR;
    };
  }

  /** A client was refused, or could have been: that members are silent says nothing of them. */
  private void unheard(long nowMs) {
    if (phase == Phase.ACTIVE && unheardSinceMs == HEARD) {
      unheardSinceMs = nowMs;
    }
  }

  /** The same epoch goes on after a time in which this node was cut off, and so was everybody. */
  private void heard(long nowMs) {
    if (unheardSinceMs != HEARD) {
      state.groups().postpone(nowMs - unheardSinceMs);
      unheardSinceMs = HEARD;
    }
  }

  /**
   * A defect, or memory that was missing in the middle of an event, may have left a group half
   * changed: only the log is to be believed. What waits for the thread already finds that so.
   */
  private void broken(Throwable defect) {
    stop();
    services.metrics().defect();
    try {
      LOG.error("Groups are read anew because of a defect: partition={}", log.id(), defect);
    } finally {
      services.broken().accept(this);
    }
  }

  private void stop() {
    if (phase != Phase.CLOSED) {
      phase = Phase.BROKEN;
    }
  }

  private void carryOut(ShardEffects shardEffects) {
    Effects effects = shardEffects.effects();
    Set<String> touched = state.groups().takeTouched();
    Errors failure = append(shardEffects);
    Group replacement = effects.replacement();
    if (failure != Errors.NONE) {
      effects.undo();
    } else if (replacement != null) {
      state.groups().put(replacement);
    }
    answer(shardEffects);
    if (effects.stored().isEmpty()) {
      return;
    }
    Waiting stored = new Waiting(touched, effects.stored());
    if (failure != Errors.NONE) {
      stored.end(failure);
    } else if (log.isCommitted(lastAppended)) {
      stored.end(Errors.NONE);
    } else {
      waiting.add(stored);
      log.await(lastAppended, stored);
    }
  }

  /** Sends what leaves at once, each answer once; one that cannot be sent keeps no other back. */
  private void answer(ShardEffects effects) {
    List<Runnable> answers = effects.effects().answers();
    List<Runnable> unsent = List.copyOf(answers);
    answers.clear();
    unsent.forEach(this::contain);
  }

  /** What the effects put into the log, at most. */
  private static long bytesMax(ShardEffects effects) {
    long bytes = 0;
    for (OffsetChange change : effects.offsets()) {
      bytes += GroupRecordCodec.sizeBytesMax(change);
    }
    for (GroupRecord group : effects.effects().records()) {
      bytes += GroupRecordCodec.sizeBytesMax(group);
    }
    return bytes;
  }

  private static List<KeyedRecord> encode(ShardEffects effects) {
    List<KeyedRecord> records = new ArrayList<>();
    effects.offsets().forEach(change -> records.add(GroupRecordCodec.encode(change)));
    effects.effects().records().forEach(group -> records.add(GroupRecordCodec.encode(group)));
    return records;
  }

  private Errors append(ShardEffects effects) {
    // Seen before it is encoded, which takes as much memory again, and direct memory beside it.
    if (bytesMax(effects) > GroupLimits.BATCH_BYTES_MAX) {
      return Errors.MESSAGE_TOO_LARGE;
    }
    List<KeyedRecord> records;
    try {
      records = encode(effects);
    } catch (RuntimeException unencodable) {
      // Nothing has been appended nor applied: this event fails, and the shard goes on.
      LOG.error("Groups cannot be encoded: partition={}", log.id(), unencodable);
      return Errors.UNKNOWN_SERVER_ERROR;
    }
    if (records.isEmpty()) {
      return Errors.NONE;
    }
    return switch (log.append(records)) {
      case ShardLog.Appended.Failed(Errors error) -> {
        services.metrics().unwritten();
        LOG.debug("Groups could not be written: partition={} error={}", log.id(), error);
        yield error;
      }
      case ShardLog.Appended.At(long lastOffset) -> {
        lastAppended = lastOffset;
        apply(effects.offsets());
        services.metrics().rebalanced(rebalances(effects.effects().records()));
        for (Group removed : effects.removed()) {
          state.groups().remove(removed.id());
        }
        yield Errors.NONE;
      }
    };
  }

  private static long rebalances(List<GroupRecord> records) {
    return records.stream()
        .filter(record ->
            switch (record) {
              case GroupRecord.Stored(GroupSnapshot snapshot) -> !snapshot.members().isEmpty();
              case ConsumerGroupRecord.Epoch(_, var epoch) -> epoch != null;
              case GroupRecord.Removed _, ConsumerGroupRecord _ -> false;
            })
        .count();
  }

  private void apply(List<OffsetChange> changes) {
    int removed = 0;
    for (OffsetChange change : changes) {
      state.offsets().apply(change);
      removed += change.committed() == null ? 1 : 0;
    }
    services.metrics().removed(removed);
    services.metrics().committed(changes.size() - removed);
  }

  /** Those who are told when something is committed. */
  private final class Waiting implements AckWaiter {
    private final Set<String> groups;
    private final List<Effects.Stored> stored;
    private volatile Errors outcome = Errors.NONE;
    private boolean ended;

    private Waiting(Set<String> groups, List<Effects.Stored> stored) {
      this.groups = groups;
      this.stored = stored;
    }

    @Override
    public WakeTarget home() {
      return services.thread();
    }

    @Override
    public void settle(@Nullable Refusal refusal) {
      outcome = log.outcomeOf(refusal);
    }

    @Override
    public void run() {
      if (phase != Phase.ACTIVE || !waiting.remove(this)) {
        return;
      }
      try {
        end(outcome);
        settleTimers();
      } catch (Throwable defect) {
        broken(defect);
      }
    }

    /** Tells all of them; the last failure among them is thrown when everybody has been told. */
    private void end(Errors how) {
      if (ended) {
        return;
      }
      ended = true;
      Throwable failure = null;
      for (Effects.Stored each : stored) {
        ShardEffects next = new ShardEffects();
        try {
          each.ended(how, services.clock().getAsLong(), next.effects());
          if (phase == Phase.ACTIVE) {
            state.groups().touch(groups);
            carryOut(next);
          }
        } catch (Throwable defect) {
          stop();
          failure = defect;
        }
        answer(next);
      }
      if (failure != null) {
        throw new IllegalStateException("a group did not go on after it was stored", failure);
      }
    }
  }

  /** After each event: how much there is now, and when to look again. */
  private void settleTimers() {
    state.groups().takeTouched();
    measure();
    if (phase == Phase.ACTIVE) {
      timer.comeBy(state.groups().nextDeadlineMs());
    }
  }

  private void tick() {
    if (phase != Phase.ACTIVE) {
      return;
    }
    try {
      long nowMs = services.clock().getAsLong();
      if (!log.leads()) {
        unheard(nowMs);
        timer.comeBy(nowMs + UNHEARD_TICK_MS);
        return;
      }
      heard(nowMs);
      for (Group group : state.groups().due(nowMs)) {
        ShardEffects effects = new ShardEffects();
        try {
          state.groups().touch(List.of(group.id()));
          group.tick(nowMs, effects.effects());
          carryOut(effects);
        } finally {
          answer(effects);
        }
      }
      settleTimers();
    } catch (Throwable defect) {
      broken(defect);
    }
  }

  /** Answers everybody who waits here with this error, and serves no more. Any thread. */
  void close(Errors reason) {
    services
        .thread()
        .execute(() -> {
          if (phase == Phase.CLOSED) {
            return;
          }
          phase = Phase.CLOSED;
          timer.cancel();
          List<Waiting> left = List.copyOf(waiting);
          waiting.clear();
          left.forEach(each -> contain(() -> each.end(reason)));
          for (Group group : List.copyOf(state.groups().all())) {
            ShardEffects effects = new ShardEffects();
            contain(() -> group.unload(reason, effects.effects()));
            answer(effects);
          }
          state = ShardState.empty();
          measure();
        });
  }

  /** One group's defect keeps the others' clients not from being answered. */
  private void contain(Runnable step) {
    try {
      step.run();
    } catch (Throwable defect) {
      LOG.error("A client of a group was not answered: partition={}", log.id(), defect);
    }
  }
}
