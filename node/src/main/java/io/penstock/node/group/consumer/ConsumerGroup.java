package io.penstock.node.group.consumer;

import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.MemberName;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
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
 * One group of the consumer protocol, and the door to its rules. What is in the log is its state,
 * which changes by records alone; beside it there are only deadlines. Changed on its shard's thread
 * only. No partition ever has two holders, and the epoch never falls.
 */
public final class ConsumerGroup implements Group {

  public static final String TYPE = "consumer";

  private static final String PROTOCOL_TYPE = "consumer";

  private final ConsumerState state;
  private final ConsumerSettings settings;
  private final TopicCatalog topics;
  private final Sessions sessions = new Sessions();
  private long emptySinceMs;
  private @Nullable Object topicsSeen;
  private @Nullable Object namesSeen;

  /** A group as the log has it, or one that nobody has joined yet. */
  public ConsumerGroup(
      ConsumerState state, ConsumerSettings settings, TopicCatalog topics, long nowMs) {
    this.state = state;
    this.settings = settings;
    this.topics = topics;
    this.emptySinceMs = nowMs;
    giveTime(nowMs);
  }

  /** What is wrong with a request whatever the group, as its answer; null where nothing is. */
  public static @Nullable ConsumerGroupHeartbeatResponseData refused(
      HeartbeatCall call, ConsumerSettings settings) {
    Refusal refusal = HeartbeatChecks.request(call, settings);
    return refusal == null ? null : refusal.answer();
  }

  /** A member joins, lives, or leaves; the answer comes when what it rests on is in the log. */
  public void heartbeat(
      HeartbeatCall call,
      long nowMs,
      Reply<ConsumerGroupHeartbeatResponseData> reply,
      Effects effects) {
    Step step = new Step(this, nowMs, effects);
    if (call.isLeave()) {
      Leaving.run(step, call, reply);
    } else {
      new Heartbeating(step, call).run(reply);
    }
  }

  /** The group that takes a classic one's place; null where that is not to be or cannot be. */
  public static @Nullable ConsumerGroup upgraded(
      HandedOver classic, ConsumerSettings settings, TopicCatalog topics, long nowMs) {
    ConsumerState state = Upgrade.of(classic, settings, topics, nowMs);
    return state == null ? null : new ConsumerGroup(state, settings, topics, nowMs);
  }

  /** The answer to one who may not join; null where it may. */
  public @Nullable ConsumerGroupHeartbeatResponseData refusedToJoin(HeartbeatCall call) {
    Refusal refusal = HeartbeatChecks.all(state, call, settings);
    return refusal == null ? null : refusal.answer();
  }

  /** Whether there is such a member. */
  public boolean has(String memberId) {
    return state.has(memberId);
  }

  /** All that it has to write down where nothing of it is in the log. */
  public List<GroupRecord> records() {
    return List.copyOf(state.records());
  }

  /** A member of the classic protocol joins, to take the next step. */
  public void join(JoinCall call, long nowMs, Reply<JoinGroupResponseData> reply, Effects effects) {
    new ClassicMembership(new Step(this, nowMs, effects)).join(call, reply);
  }

  /** A member of the classic protocol asks for what it has. */
  public void sync(
      SyncGroupRequestData request,
      long nowMs,
      Reply<SyncGroupResponseData> reply,
      Effects effects) {
    new ClassicMembership(new Step(this, nowMs, effects)).sync(request, reply);
  }

  /** A member of the classic protocol lives. */
  public HeartbeatResponseData heartbeat(
      HeartbeatRequestData request, long nowMs, Effects effects) {
    Errors error = new ClassicMembership(new Step(this, nowMs, effects)).heartbeat(request);
    return new HeartbeatResponseData().setErrorCode(error.code());
  }

  /** Members of the classic protocol leave, or an operator takes any members out. */
  public void leave(
      LeaveGroupRequestData request,
      long nowMs,
      Reply<LeaveGroupResponseData> reply,
      Effects effects) {
    new ClassicMembership(new Step(this, nowMs, effects)).leave(request, reply);
  }

  @Override
  public void tick(long nowMs, Effects effects) {
    List<String> over = sessions.takeOver(nowMs, this::owes);
    over = over.stream().filter(state::has).toList();
    if (!over.isEmpty()) {
      Leaving.remove(new Step(this, nowMs, effects), over);
    }
  }

  /** Whether the member has something to do that others may wait for. */
  private boolean owes(String memberId) {
    CurrentAssignment current = state.current(memberId);
    return current.progress() == Progress.UNREVOKED
        || (state.isClassic(memberId) && !current.isAt(state.epoch().epoch()));
  }

  @Override
  public long nextDeadlineMs() {
    return sessions.nextMs();
  }

  @Override
  public void postpone(long byMs) {
    sessions.postpone(byMs);
  }

  /** Nobody waits here: every heartbeat is answered by itself. */
  @Override
  public void unload(Errors reason, Effects effects) {}

  @Override
  public Errors validateCommit(
      String memberId, @Nullable String instanceId, int memberEpoch, long nowMs) {
    // An operator commits for a group without members.
    if (memberEpoch < 0 && state.size() == 0) {
      return Errors.NONE;
    }
    Errors error = memberAt(memberId, memberEpoch);
    if (error == Errors.NONE && state.isClassic(memberId)) {
      sessions.extend(memberId, nowMs + sessionTimeoutMs(memberId));
    }
    return error;
  }

  @Override
  public boolean hasEpochOf(String memberId) {
    return state.has(memberId) && !state.isClassic(memberId);
  }

  @Override
  public boolean mayStillCommit(String memberId, int memberEpoch, UUID topic, int partition) {
    if (!hasEpochOf(memberId)) {
      return false;
    }
    CurrentAssignment current = state.current(memberId);
    Integer since = current.since().of(topic, partition);
    return memberEpoch < current.epoch() && since != null && since <= memberEpoch;
  }

  @Override
  public Errors validateFetch(@Nullable String memberId, int memberEpoch) {
    boolean isMember = memberId != null && !memberId.isEmpty();
    return !isMember && memberEpoch < 0
        ? Errors.NONE
        : memberAt(memberId == null ? "" : memberId, memberEpoch);
  }

  private Errors memberAt(String memberId, int memberEpoch) {
    MemberDescription member = state.member(memberId);
    if (member == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    if (state.current(memberId).epoch() == memberEpoch) {
      return Errors.NONE;
    }
    return member.classic() == null ? Errors.STALE_MEMBER_EPOCH : Errors.ILLEGAL_GENERATION;
  }

  @Override
  public List<GroupRecord> removal() {
    List<GroupRecord> records = new ArrayList<>();
    for (String memberId : state.memberIds()) {
      records.add(new ConsumerGroupRecord.Current(id(), memberId, null));
      records.add(new ConsumerGroupRecord.Target(id(), memberId, null));
      records.add(new ConsumerGroupRecord.Member(id(), memberId, null));
    }
    for (String regex : state.regexes().keySet()) {
      records.add(new ConsumerGroupRecord.Regex(id(), regex, null));
    }
    records.add(new ConsumerGroupRecord.TargetEpoch(id(), null));
    records.add(new ConsumerGroupRecord.Epoch(id(), null));
    return records;
  }

  @Override
  public Map<String, MemberName> memberNames() {
    return Description.memberNames(state);
  }

  /** The classic protocol's description knows nothing of such a group. */
  @Override
  public DescribedGroup describe() {
    return new DescribedGroup().setGroupId(id()).setGroupState("Dead");
  }

  /** What ConsumerGroupDescribe says of it, but for authorized operations. */
  public ConsumerGroupDescribeResponseData.DescribedGroup describeAll() {
    return Description.of(this);
  }

  @Override
  public boolean hasInstance(@Nullable String instanceId) {
    return state.memberOf(instanceId) != null;
  }

  @Override
  public boolean isSubscribedTo(String topic) {
    return state.isSubscribedTo(topic);
  }

  @Override
  public Map<String, Map<Integer, String>> owners() {
    return Description.owners(this);
  }

  @Override
  public long heapBytes() {
    return state.heapBytes();
  }

  @Override
  public String id() {
    return state.groupId();
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public String protocolType() {
    return PROTOCOL_TYPE;
  }

  @Override
  public String state() {
    return Description.stateOf(state);
  }

  @Override
  public boolean isEmpty() {
    return state.size() == 0;
  }

  /** Of a group with members this is of no use to anybody. */
  @Override
  public long stateTimestampMs() {
    return emptySinceMs;
  }

  ConsumerState inner() {
    return state;
  }

  ConsumerSettings settings() {
    return settings;
  }

  /** Those that the group has now. */
  ConsumerSettings.Times times() {
    return settings.times().apply(state.groupId());
  }

  TopicCatalog topics() {
    return topics;
  }

  Sessions sessions() {
    return sessions;
  }

  void becameEmpty(long nowMs) {
    emptySinceMs = nowMs;
  }

  /** Gives every member a session that has none, and time to give back what it has to. */
  void giveTime(long nowMs) {
    state
        .members()
        .forEach((memberId, member) -> {
          if (!sessions.hasSession(memberId)) {
            sessions.extend(memberId, nowMs + sessionTimeoutMs(memberId));
          }
          if (state.current(memberId).progress() == Progress.UNREVOKED
              && !sessions.owes(memberId)) {
            sessions.owesUntil(memberId, nowMs + member.rebalanceTimeoutMs());
          }
        });
  }

  private int sessionTimeoutMs(String memberId) {
    MemberDescription member = state.member(memberId);
    MemberDescription.Classic classic = member == null ? null : member.classic();
    return classic == null ? times().sessionTimeoutMs() : classic.sessionTimeoutMs();
  }

  /** Whether topics may have changed since the group's epoch began. */
  boolean hasNewTopics() {
    return !topics.version().equals(topicsSeen);
  }

  /** The topics are looked at now, unless what comes of it is not written down. */
  void seeTopics(Effects effects) {
    topicsSeen = topics.version();
    effects.ifNotAppended(() -> topicsSeen = null);
  }

  /** Whether there may be other topics than when expressions were last held against their names. */
  boolean hasNewNames() {
    return !topics.namesVersion().equals(namesSeen);
  }

  void seeNames(Effects effects) {
    namesSeen = topics.namesVersion();
    effects.ifNotAppended(() -> namesSeen = null);
  }
}
