package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.ConsumerGroupRecord.ResolvedRegex;
import io.penstock.node.group.effect.ConsumerGroupRecord.TargetTime;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.MemberDescription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a group of the consumer protocol has written down, and what follows from it. It changes
 * by records alone: by those of the log while it is read, then by those that the group's rules
 * make. What a record has changed, another takes back.
 */
public final class ConsumerState {

  private static final GroupEpoch NO_EPOCH = new GroupEpoch(0, 0);
  private static final TargetTime NO_TARGET = new TargetTime(0, 0);

  private static final int GROUP_HEAP_BYTES = 2_000;
  private static final int MEMBER_HEAP_BYTES = 1_000;

  /** A number here, a name there, and since when it is whose. */
  private static final int PARTITION_HEAP_BYTES = 60;

  private final String groupId;
  private final Map<String, MemberDescription> members = new LinkedHashMap<>();
  private final Map<String, String> instances = new HashMap<>();
  private final Map<String, MemberTarget> targets = new HashMap<>();
  private final Map<String, CurrentAssignment> currents = new HashMap<>();
  private final Map<String, ResolvedRegex> regexes = new HashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Map<String, Integer> regexUsers = new HashMap<>();
  private final PartitionHolders holders = new PartitionHolders();
  private @Nullable GroupEpoch epoch;
  private @Nullable TargetTime targetTime;
  private long memberBytes;
  private long regexBytes;
  private long partitions;

  public ConsumerState(String groupId) {
    this.groupId = groupId;
  }

  /**
   * Changes what the record says.
   *
   * @return the record that takes the change back
   */
  public ConsumerGroupRecord apply(ConsumerGroupRecord change) {
    return switch (change) {
      case ConsumerGroupRecord.Epoch each -> {
        GroupEpoch before = epoch;
        epoch = each.value();
        yield new ConsumerGroupRecord.Epoch(groupId, before);
      }
      case ConsumerGroupRecord.TargetEpoch each -> {
        TargetTime before = targetTime;
        targetTime = each.value();
        yield new ConsumerGroupRecord.TargetEpoch(groupId, before);
      }
      case ConsumerGroupRecord.Member each ->
          new ConsumerGroupRecord.Member(groupId, each.memberId(), describe(each));
      case ConsumerGroupRecord.Target each ->
          new ConsumerGroupRecord.Target(groupId, each.memberId(), aim(each));
      case ConsumerGroupRecord.Current each ->
          new ConsumerGroupRecord.Current(groupId, each.memberId(), assign(each));
      case ConsumerGroupRecord.Regex each ->
          new ConsumerGroupRecord.Regex(groupId, each.regex(), resolve(each));
    };
  }

  /** About what it takes of the heap; kept up to date, since it is asked for often. */
  long heapBytes() {
    return GROUP_HEAP_BYTES
        + (long) MEMBER_HEAP_BYTES * members.size()
        + 2 * memberBytes
        + (long) PARTITION_HEAP_BYTES * partitions
        + 2 * regexBytes;
  }

  private static <V> @Nullable V put(Map<String, V> map, String key, @Nullable V value) {
    return value == null ? map.remove(key) : map.put(key, value);
  }

  private @Nullable MemberDescription describe(ConsumerGroupRecord.Member change) {
    String memberId = change.memberId();
    MemberDescription now = change.value();
    MemberDescription before = put(members, memberId, now);
    if (before != null) {
      memberBytes -= before.bytesMax();
      before.topics().forEach(topic -> count(names, topic, -1));
      count(regexUsers, before.regex(), -1);
      String instanceId = before.instanceId();
      if (instanceId != null) {
        instances.remove(instanceId, memberId);
      }
    }
    if (now != null) {
      memberBytes += now.bytesMax();
      now.topics().forEach(topic -> count(names, topic, 1));
      count(regexUsers, now.regex(), 1);
      String instanceId = now.instanceId();
      if (instanceId != null) {
        instances.put(instanceId, memberId);
      }
    }
    return before;
  }

  private @Nullable MemberTarget aim(ConsumerGroupRecord.Target change) {
    MemberTarget now = change.value();
    MemberTarget before = put(targets, change.memberId(), now);
    partitions += (now == null ? 0 : now.size()) - (before == null ? 0 : before.size());
    return before;
  }

  private @Nullable ResolvedRegex resolve(ConsumerGroupRecord.Regex change) {
    ResolvedRegex before = put(regexes, change.regex(), change.value());
    regexBytes += bytes(change.value()) - bytes(before);
    return before;
  }

  private static long bytes(@Nullable ResolvedRegex resolved) {
    return resolved == null ? 0 : resolved.topics().stream().mapToLong(String::length).sum();
  }

  private static void count(Map<String, Integer> counts, @Nullable String of, int change) {
    if (of != null) {
      counts.compute(of, (_, count) -> sum(count, change));
    }
  }

  private static @Nullable Integer sum(@Nullable Integer count, int change) {
    int sum = (count == null ? 0 : count) + change;
    return sum == 0 ? null : sum;
  }

  private @Nullable CurrentAssignment assign(ConsumerGroupRecord.Current change) {
    String memberId = change.memberId();
    CurrentAssignment now = change.value();
    CurrentAssignment before = put(currents, memberId, now);
    if (before != null) {
      holders.release(memberId, before.assigned());
      holders.release(memberId, before.revoking());
      partitions -= before.assigned().size() + before.revoking().size();
    }
    if (now != null) {
      holders.take(memberId, now.assigned());
      holders.take(memberId, now.revoking());
      partitions += now.assigned().size() + now.revoking().size();
    }
    return before;
  }

  public String groupId() {
    return groupId;
  }

  /** Whether there is such a group. */
  public boolean exists() {
    return epoch != null;
  }

  /** Whether there is nothing of it at all. */
  public boolean isBlank() {
    return epoch == null
        && targetTime == null
        && members.isEmpty()
        && targets.isEmpty()
        && currents.isEmpty()
        && regexes.isEmpty();
  }

  /** All records that say what it is, in an order in which they can be read. */
  List<ConsumerGroupRecord> records() {
    List<ConsumerGroupRecord> records = new ArrayList<>();
    members.forEach(
        (memberId, each) -> records.add(new ConsumerGroupRecord.Member(groupId, memberId, each)));
    regexes.forEach(
        (regex, each) -> records.add(new ConsumerGroupRecord.Regex(groupId, regex, each)));
    records.add(new ConsumerGroupRecord.Epoch(groupId, epoch));
    targets.forEach(
        (memberId, each) -> records.add(new ConsumerGroupRecord.Target(groupId, memberId, each)));
    records.add(new ConsumerGroupRecord.TargetEpoch(groupId, targetTime));
    currents.forEach(
        (memberId, each) -> records.add(new ConsumerGroupRecord.Current(groupId, memberId, each)));
    return records;
  }

  GroupEpoch epoch() {
    return epoch == null ? NO_EPOCH : epoch;
  }

  TargetTime targetTime() {
    return targetTime == null ? NO_TARGET : targetTime;
  }

  int targetEpoch() {
    return targetTime().epoch();
  }

  int size() {
    return members.size();
  }

  /** What the members' descriptions take together, at most. */
  long memberBytes() {
    return memberBytes;
  }

  /**
   * Whether all members' descriptions are within the bound when this one is in the other's place.
   * One that does not grow always is: who is in stays in.
   */
  boolean hasRoomFor(
      @Nullable MemberDescription before, MemberDescription now, long memberBytesMax) {
    long more = now.bytesMax() - (before == null ? 0 : before.bytesMax());
    return more <= 0 || memberBytes + more <= memberBytesMax;
  }

  /** What the member has said of itself, or the one of its static name whose place it takes. */
  @Nullable MemberDescription described(String memberId, @Nullable String instanceId) {
    MemberDescription own = members.get(memberId);
    String holder = memberOf(instanceId);
    return own != null || holder == null ? own : members.get(holder);
  }

  Collection<String> memberIds() {
    return Collections.unmodifiableCollection(members.keySet());
  }

  boolean has(String memberId) {
    return members.containsKey(memberId);
  }

  @Nullable MemberDescription member(String memberId) {
    return members.get(memberId);
  }

  /** Whether the member speaks the classic protocol. */
  boolean isClassic(String memberId) {
    MemberDescription member = members.get(memberId);
    return member != null && member.classic() != null;
  }

  Map<String, MemberDescription> members() {
    return Collections.unmodifiableMap(members);
  }

  /** The member of this static name, or null. */
  @Nullable String memberOf(@Nullable String instanceId) {
    return instanceId == null ? null : instances.get(instanceId);
  }

  MemberTarget target(String memberId) {
    return targets.getOrDefault(memberId, MemberTarget.EMPTY);
  }

  CurrentAssignment current(String memberId) {
    return currents.getOrDefault(memberId, CurrentAssignment.NONE);
  }

  Map<String, ResolvedRegex> regexes() {
    return Collections.unmodifiableMap(regexes);
  }

  @Nullable ResolvedRegex regex(@Nullable String regex) {
    return regex == null ? null : regexes.get(regex);
  }

  PartitionHolders holders() {
    return holders;
  }

  /** How many members are subscribed to each name. */
  Map<String, Integer> names() {
    return Collections.unmodifiableMap(names);
  }

  /** Whether a member is subscribed to what this expression stands for. */
  boolean uses(String regex) {
    return regexUsers.containsKey(regex);
  }

  /** The expressions that members are subscribed to. */
  Collection<String> usedRegexes() {
    return Collections.unmodifiableCollection(regexUsers.keySet());
  }

  /** Whether a member is subscribed to the topic. */
  boolean isSubscribedTo(String topic) {
    if (names.containsKey(topic)) {
      return true;
    }
    for (ResolvedRegex each : regexes.values()) {
      if (each.topics().contains(topic)) {
        return true;
      }
    }
    return false;
  }

  /** Whether something is written of this member. */
  boolean hasTarget(String memberId) {
    return targets.containsKey(memberId);
  }

  boolean hasCurrent(String memberId) {
    return currents.containsKey(memberId);
  }
}
