package io.penstock.node.group.classic;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A group without a shard: time goes on when the test says so, and what is stored is committed at
 * once unless the test holds it back.
 */
final class GroupBench {

  private static final String[] NONE = {};

  static final int SESSION_MS = 10_000;
  static final int REBALANCE_MS = 60_000;

  final List<GroupRecord> stored = new ArrayList<>();
  ClassicGroup group;
  boolean holdsCommits;
  private final Deque<Effects.Stored> uncommitted = new ArrayDeque<>();
  private long nowMs = 1_000;
  private int ids;

  GroupBench(ClassicSettings settings) {
    group = new ClassicGroup("g", settings, nowMs);
  }

  static GroupBench withoutDelay() {
    return new GroupBench(ClassicSettings.standard().withInitialRebalanceDelayMs(0));
  }

  long nowMs() {
    return nowMs;
  }

  /** A member with the protocol {@code range}. */
  Asked<JoinGroupResponseData> join(String memberId, @Nullable String instanceId) {
    return join(memberId, instanceId, "range");
  }

  Asked<JoinGroupResponseData> join(
      String memberId, @Nullable String instanceId, String... protocols) {
    return join(request(memberId, instanceId, protocols), false);
  }

  Asked<JoinGroupResponseData> join(JoinGroupRequestData request, boolean idRequired) {
    JoinCall call = new JoinCall(request, idRequired, true, "client", "/host", "id" + ++ids);
    Asked<JoinGroupResponseData> asked = new Asked<>();
    run(effects -> group.join(call, nowMs, asked, effects));
    return asked;
  }

  static JoinGroupRequestData request(
      String memberId, @Nullable String instanceId, String... protocols) {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(SESSION_MS)
            .setRebalanceTimeoutMs(REBALANCE_MS);
    for (String each : protocols) {
      request
          .protocols()
          .add(new JoinGroupRequestProtocol().setName(each).setMetadata(each.getBytes(UTF_8)));
    }
    return request;
  }

  /** A sync that brings to each of these members its own id as assignment. */
  Asked<SyncGroupResponseData> sync(String memberId, int generation, String... assigned) {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGenerationId(generation);
    for (String each : assigned) {
      request
          .assignments()
          .add(
              new SyncGroupRequestAssignment()
                  .setMemberId(each)
                  .setAssignment(each.getBytes(UTF_8)));
    }
    return sync(request);
  }

  Asked<SyncGroupResponseData> sync(SyncGroupRequestData request) {
    Asked<SyncGroupResponseData> asked = new Asked<>();
    run(effects -> group.sync(request, nowMs, asked, effects));
    return asked;
  }

  Errors heartbeat(String memberId, int generation) {
    return heartbeat(memberId, null, generation);
  }

  Errors heartbeat(String memberId, @Nullable String instanceId, int generation) {
    return Errors.forCode(
        group
            .heartbeat(
                new HeartbeatRequestData()
                    .setGroupId("g")
                    .setMemberId(memberId)
                    .setGroupInstanceId(instanceId)
                    .setGenerationId(generation),
                nowMs)
            .errorCode());
  }

  Asked<LeaveGroupResponseData> leave(String memberId, @Nullable String instanceId) {
    LeaveGroupRequestData request =
        new LeaveGroupRequestData()
            .setGroupId("g")
            .setMembers(
                List.of(new MemberIdentity().setMemberId(memberId).setGroupInstanceId(instanceId)));
    Asked<LeaveGroupResponseData> asked = new Asked<>();
    run(effects -> group.leave(request, nowMs, asked, effects));
    return asked;
  }

  /** Goes on in time, and stops at each deadline on the way. */
  void pass(long ms) {
    long end = nowMs + ms;
    while (group.nextDeadlineMs() <= end) {
      nowMs = Math.max(nowMs, group.nextDeadlineMs());
      run(effects -> group.tick(nowMs, effects));
    }
    nowMs = end;
  }

  /** What was stored and not committed yet is so now, or has failed. */
  void settle(Errors outcome) {
    while (!uncommitted.isEmpty()) {
      Effects.Stored next = uncommitted.poll();
      run(effects -> next.ended(outcome, nowMs, effects));
    }
  }

  void run(Consumer<Effects> event) {
    Effects effects = new Effects();
    event.accept(effects);
    GroupRecord record = effects.groupRecord();
    if (record != null) {
      stored.add(record);
    }
    effects.answers().forEach(Runnable::run);
    uncommitted.addAll(effects.stored());
    if (!holdsCommits) {
      settle(Errors.NONE);
    }
  }

  GroupSnapshot lastStored() {
    return ((GroupRecord.Stored) stored.getLast()).snapshot();
  }

  /** Another coordinator takes over with what the log has. */
  void restart() {
    run(effects -> group.unload(Errors.NOT_COORDINATOR, effects));
    uncommitted.clear();
    group = ClassicGroup.restore(lastStored(), group.settings(), nowMs);
  }

  /** Brings so many dynamic members into a stable group, and returns their ids; the first leads. */
  List<String> stableWith(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Asked<JoinGroupResponseData> joining = join("", null);
      ids.forEach(each -> join(each, null));
      ids.add(joining.answer().memberId());
    }
    for (String each : ids.reversed()) {
      sync(
          each,
          group.generation(),
          each.equals(ids.getFirst()) ? ids.toArray(String[]::new) : NONE);
    }
    return ids;
  }
}
