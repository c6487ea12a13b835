package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.MemberName;
import io.penstock.node.group.effect.Reply;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * The state of one group of the classic protocol, and the door to its rules: each request is a
 * method here, the rules are in the classes named after what they decide. Changed on its shard's
 * thread only. The generation never falls, and a member is assigned partitions only by the leader
 * of the generation that it is in.
 */
public final class ClassicGroup implements Group {

  static final long NEVER = Long.MAX_VALUE;

  private static final String TYPE = "classic";

  private final String id;
  private final ClassicSettings settings;
  private final ClassicMembers members = new ClassicMembers();
  private final PendingIds pending = new PendingIds();
  private final Set<String> owingSync = new HashSet<>();

  private ClassicState state = ClassicState.EMPTY;
  private long stateSinceMs;
  private String protocolType = "";
  private @Nullable String protocol;
  private int generation;

  private @Nullable JoinPhase joinPhase;
  private long syncDeadlineMs = NEVER;
  private boolean storing;
  private long checkMs = NEVER;

  /** A group that nobody has joined yet. */
  public ClassicGroup(String id, ClassicSettings settings, long nowMs) {
    this.id = id;
    this.settings = settings;
    this.stateSinceMs = nowMs;
  }

  /**
   * A group as the log has it. Its members are taken to be alive from here on; if it was
   * rebalancing when its coordinator was lost, they hear that their generation is unknown, and
   * rejoin.
   */
  public static ClassicGroup restore(GroupSnapshot stored, ClassicSettings settings, long nowMs) {
    ClassicGroup group = new ClassicGroup(stored.groupId(), settings, nowMs);
    group.generation = stored.generation();
    group.protocolType = stored.protocolType();
    group.protocol = stored.protocol();
    if (stored.stateTimestampMs() >= 0) {
      group.stateSinceMs = stored.stateTimestampMs();
    }
    String known = stored.protocol() == null ? "" : stored.protocol();
    for (GroupSnapshot.Member each : stored.members()) {
      ClassicMember member = new ClassicMember(each, known);
      group.members.add(member);
      group.extend(member, nowMs);
    }
    group.members.lead(stored.leader());
    group.state = stored.members().isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
    if (!stored.members().isEmpty() && stored.leader() == null) {
      // Its coordinator was lost while it called them together.
      group.state = ClassicState.PREPARING_REBALANCE;
      group.joinPhase = JoinPhase.until(nowMs + group.members.rebalanceTimeoutMs());
    }
    return group;
  }

  /**
   * A group whose members were in one of the consumer protocol. They are written down with what
   * they had, and called together at once: only a leader of theirs knows what each is to have. So
   * nobody leads in what is written.
   */
  public static ClassicGroup taking(
      HandedOver left, ClassicSettings settings, long nowMs, Effects effects) {
    ClassicGroup group = new ClassicGroup(left.groupId(), settings, nowMs);
    group.generation = left.generation();
    group.protocolType = left.protocolType();
    for (HandedOver.Member each : left.members()) {
      ClassicMember member = new ClassicMember(each);
      group.members.add(member);
      group.extend(member, nowMs);
    }
    group.protocol = ProtocolVote.winner(group.members);
    group.state = ClassicState.STABLE;
    effects.store(new GroupRecord.Stored(Answers.snapshot(group).withoutLeader()));
    Rebalancing.begin(new Step(group, nowMs, effects));
    return group;
  }

  /** What a group of the consumer protocol would take over. */
  public HandedOver handedOver() {
    return HandOver.of(this);
  }

  /** A member wants to be in the next generation; the answer comes when that begins. */
  public void join(JoinCall call, long nowMs, Reply<JoinGroupResponseData> reply, Effects effects) {
    new Joining(new Step(this, nowMs, effects), call, reply).run();
  }

  /** A member asks for its assignment, and the leader brings those of all. */
  public void sync(
      SyncGroupRequestData request,
      long nowMs,
      Reply<SyncGroupResponseData> reply,
      Effects effects) {
    new Syncing(new Step(this, nowMs, effects), request, reply).run();
  }

  public HeartbeatResponseData heartbeat(HeartbeatRequestData request, long nowMs) {
    return new HeartbeatResponseData()
        .setErrorCode(MemberChecks.heartbeat(this, request, nowMs).code());
  }

  public void leave(
      LeaveGroupRequestData request,
      long nowMs,
      Reply<LeaveGroupResponseData> reply,
      Effects effects) {
    Leaving.run(new Step(this, nowMs, effects), request, reply);
  }

  @Override
  public void tick(long nowMs, Effects effects) {
    Expiry.run(new Step(this, nowMs, effects));
  }

  @Override
  public void unload(Errors reason, Effects effects) {
    for (ClassicMember each : members.all()) {
      Answers.joinFailed(this, each, reason, effects);
      Answers.syncFailed(each, reason, effects);
    }
  }

  @Override
  public long nextDeadlineMs() {
    long next = Math.min(checkMs, syncDeadlineMs);
    return joinPhase == null ? next : Math.min(next, joinPhase.deadlineMs());
  }

  @Override
  public void postpone(long byMs) {
    members.all().forEach(each -> each.setDeadlineMs(each.deadlineMs() + byMs));
    pending.postpone(byMs);
    checkMs = later(checkMs, byMs);
    syncDeadlineMs = later(syncDeadlineMs, byMs);
    joinPhase = joinPhase == null ? null : joinPhase.postponed(byMs);
  }

  private static long later(long deadlineMs, long byMs) {
    return deadlineMs == NEVER ? NEVER : deadlineMs + byMs;
  }

  @Override
  public Errors validateCommit(
      String memberId, @Nullable String instanceId, int memberGeneration, long nowMs) {
    return MemberChecks.commit(this, memberId, instanceId, memberGeneration, nowMs);
  }

  /** Anybody may read what was committed in a classic group. */
  @Override
  public Errors validateFetch(@Nullable String memberId, int memberEpoch) {
    return Errors.NONE;
  }

  @Override
  public List<GroupRecord> removal() {
    return List.of(new GroupRecord.Removed(id));
  }

  @Override
  public Map<String, MemberName> memberNames() {
    return Description.memberNames(this);
  }

  @Override
  public DescribedGroup describe() {
    return Description.of(this);
  }

  @Override
  public boolean hasInstance(@Nullable String instanceId) {
    return instanceId != null && members.idOf(instanceId) != null;
  }

  @Override
  public boolean isSubscribedTo(String topic) {
    return Description.isSubscribedTo(this, topic);
  }

  @Override
  public Map<String, Map<Integer, String>> owners() {
    return Description.owners(this);
  }

  @Override
  public long heapBytes() {
    return HEAP_BYTES * (1L + members.size() + pending.size())
        + members.bytes()
        + members.assignedBytes();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public String protocolType() {
    return protocolType;
  }

  @Override
  public String state() {
    return state.label();
  }

  /** Whether nobody is in it, nor about to be. */
  @Override
  public boolean isEmpty() {
    return state == ClassicState.EMPTY && pending.isEmpty();
  }

  @Override
  public long stateTimestampMs() {
    return stateSinceMs;
  }

  public int generation() {
    return generation;
  }

  ClassicSettings settings() {
    return settings;
  }

  ClassicMembers members() {
    return members;
  }

  PendingIds pending() {
    return pending;
  }

  @Nullable String protocol() {
    return protocol;
  }

  boolean is(ClassicState asked) {
    return state == asked;
  }

  ClassicState current() {
    return state;
  }

  void become(ClassicState next, long nowMs) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("group " + id + " cannot go from " + state + " to " + next);
    }
    state = next;
    stateSinceMs = nowMs;
  }

  void setProtocolType(String type) {
    protocolType = type;
  }

  /** Begins the next generation of those who are members now, none or some. */
  void nextGeneration(long nowMs) {
    generation++;
    storing = false;
    owingSync.clear();
    syncDeadlineMs = NEVER;
    joinPhase = null;
    if (members.isEmpty()) {
      protocol = null;
      checkMs = pending.nextDeadlineMs();
      become(ClassicState.EMPTY, nowMs);
      return;
    }
    protocol = ProtocolVote.winner(members);
    become(ClassicState.COMPLETING_REBALANCE, nowMs);
  }

  /** How this rebalance waits for members; null while there is none. */
  @Nullable JoinPhase joinPhase() {
    return joinPhase;
  }

  void setJoinPhase(JoinPhase phase) {
    joinPhase = phase;
  }

  /** Members who know of the generation and have not asked for their assignment. */
  Set<String> owingSync() {
    return owingSync;
  }

  long syncDeadlineMs() {
    return syncDeadlineMs;
  }

  void setSyncDeadlineMs(long deadlineMs) {
    syncDeadlineMs = deadlineMs;
  }

  /** A member has asked for its assignment, or is no more. */
  void owesNoSync(String memberId) {
    if (owingSync.remove(memberId) && owingSync.isEmpty()) {
      syncDeadlineMs = NEVER;
    }
  }

  /** Whether the assignments of this generation are on their way into the log. */
  boolean isStoring() {
    return storing;
  }

  void setStoring(boolean value) {
    storing = value;
  }

  /** A sign of life: the member's session begins anew. */
  void extend(ClassicMember member, long nowMs) {
    extend(member, nowMs, member.sessionTimeoutMs());
  }

  void extend(ClassicMember member, long nowMs, long timeoutMs) {
    member.setDeadlineMs(nowMs + timeoutMs);
    checkBy(nowMs + timeoutMs);
  }

  /**
   * No member and no pending id runs out before this time. It is a bound, not the exact time, so
   * that a heartbeat costs nothing: those who look at the members find the next one.
   */
  void checkBy(long deadlineMs) {
    checkMs = Math.min(checkMs, deadlineMs);
  }

  long checkMs() {
    return checkMs;
  }

  void setCheckMs(long deadlineMs) {
    checkMs = deadlineMs;
  }
}
