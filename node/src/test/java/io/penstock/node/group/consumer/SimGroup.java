package io.penstock.node.group.consumer;

import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The one group of a simulation, in whichever protocol it is at present, and what handlers and
 * shards do besides: they make groups, and put one in the place of another.
 */
final class SimGroup {

  private static final ClassicSettings CLASSIC =
      ClassicSettings.standard().withInitialRebalanceDelayMs(0);

  private final ConsumerSettings settings;
  private final TopicCatalog topics;
  private Group now;
  private int migrations;

  SimGroup(ConsumerSettings settings, TopicCatalog topics, long nowMs) {
    this.settings = settings;
    this.topics = topics;
    this.now = fresh(nowMs);
  }

  static ClassicSettings classicSettings() {
    return CLASSIC;
  }

  private ConsumerGroup fresh(long nowMs) {
    return new ConsumerGroup(new ConsumerState("g"), settings, topics, nowMs);
  }

  Group now() {
    return now;
  }

  /** How often a group with members has changed its protocol, or would have if it was written. */
  int migrations() {
    return migrations;
  }

  boolean isClassic() {
    return now instanceof ClassicGroup;
  }

  /** The group while it is one of the consumer protocol. */
  ConsumerGroup consumers() {
    return (ConsumerGroup) now;
  }

  /** The group while it is a classic one. */
  ClassicGroup classics() {
    return (ClassicGroup) now;
  }

  /** Carries out what only a shard can. */
  void appended(Effects effects) {
    Group replacement = effects.replacement();
    if (replacement != null) {
      now = replacement;
      migrations++;
    }
  }

  /** Another coordinator takes over with what is in the log. */
  void restore(List<List<GroupRecord>> log, long nowMs) {
    GroupSnapshot classic = null;
    for (List<GroupRecord> batch : log) {
      for (GroupRecord each : batch) {
        classic =
            switch (each) {
              case GroupRecord.Stored(GroupSnapshot snapshot) -> snapshot;
              case GroupRecord.Removed _ -> null;
              case ConsumerGroupRecord _ -> classic;
            };
      }
    }
    ConsumerState state = replayed(log);
    if (classic == null) {
      now = new ConsumerGroup(state, settings, topics, nowMs);
      return;
    }
    if (!state.isBlank()) {
      throw new AssertionError("a group of both protocols");
    }
    now = ClassicGroup.restore(classic, CLASSIC, nowMs);
  }

  static ConsumerState replayed(List<List<GroupRecord>> log) {
    ConsumerState state = new ConsumerState("g");
    for (List<GroupRecord> batch : log) {
      for (GroupRecord each : batch) {
        if (each instanceof ConsumerGroupRecord record) {
          state.apply(record);
        }
      }
    }
    return state;
  }

  void heartbeat(
      HeartbeatCall call,
      long nowMs,
      Reply<ConsumerGroupHeartbeatResponseData> reply,
      Effects effects) {
    Group before = now;
    if (before instanceof ClassicGroup classic) {
      ConsumerGroup made = call.isJoin() ? instead(classic, nowMs) : null;
      if (made == null) {
        effects.answer(reply, Refusal.answer(Errors.GROUP_ID_NOT_FOUND, "a classic group"));
        return;
      }
      ConsumerGroupHeartbeatResponseData refused = made.refusedToJoin(call);
      if (refused != null) {
        effects.answer(reply, refused);
        return;
      }
      classic.removal().forEach(effects::append);
      if (!classic.isEmpty()) {
        made.records().forEach(effects::append);
        classic.unload(Errors.REBALANCE_IN_PROGRESS, effects);
        migrations++;
      }
      now = made;
      effects.ifNotAppended(() -> now = before);
    }
    consumers().heartbeat(call, nowMs, reply, effects);
  }

  private @Nullable ConsumerGroup instead(ClassicGroup classic, long nowMs) {
    return classic.isEmpty()
        ? fresh(nowMs)
        : ConsumerGroup.upgraded(classic.handedOver(), settings, topics, nowMs);
  }

  void join(JoinCall call, long nowMs, Reply<JoinGroupResponseData> reply, Effects effects) {
    if (now instanceof ClassicGroup classic) {
      classic.join(call, nowMs, reply, effects);
      return;
    }
    ConsumerGroup before = consumers();
    if (!before.isEmpty() || !settings.migration().mayDowngrade()) {
      before.join(call, nowMs, reply, effects);
      return;
    }
    if (!call.hasNoId()) {
      effects.answer(
          reply, new JoinGroupResponseData().setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()));
      return;
    }
    ClassicGroup made = new ClassicGroup("g", CLASSIC, nowMs);
    made.join(call, nowMs, reply, effects);
    if (!made.isEmpty()) {
      now = made;
      before.removal().forEach(effects::append);
      effects.ifNotAppended(() -> now = before);
    }
  }

  void sync(
      SyncGroupRequestData request,
      long nowMs,
      Reply<SyncGroupResponseData> reply,
      Effects effects) {
    if (now instanceof ClassicGroup classic) {
      classic.sync(request, nowMs, reply, effects);
    } else {
      consumers().sync(request, nowMs, reply, effects);
    }
  }

  HeartbeatResponseData heartbeat(HeartbeatRequestData request, long nowMs, Effects effects) {
    return now instanceof ClassicGroup classic
        ? classic.heartbeat(request, nowMs)
        : consumers().heartbeat(request, nowMs, effects);
  }

  void leave(
      LeaveGroupRequestData request,
      long nowMs,
      Reply<LeaveGroupResponseData> reply,
      Effects effects) {
    if (now instanceof ClassicGroup classic) {
      classic.leave(request, nowMs, reply, effects);
    } else {
      consumers().leave(request, nowMs, reply, effects);
    }
  }
}
