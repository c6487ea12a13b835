package io.penstock.node.group;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.MemberName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A group with a member that reads some topics, and that counts how often it is asked for them. */
final class AskedGroup implements Group {

  static final String MEMBER = "member";

  private final String id;
  private final List<String> reads;

  /** The topics that somebody has asked for, each time. */
  final List<String> asked = new ArrayList<>();

  /** Who has what, which nobody has unless a test says so. */
  final Map<String, Map<Integer, String>> owners = new HashMap<>();

  /** How often somebody has asked for that. */
  int ownersAsked;

  AskedGroup(String id, String... reads) {
    this.id = id;
    this.reads = List.of(reads);
  }

  /** Has its member have so many partitions of the topic, and no others of it. */
  void own(String topic, int partitions) {
    Map<Integer, String> ofTopic = new HashMap<>();
    for (int i = 0; i < partitions; i++) {
      ofTopic.put(i, MEMBER);
    }
    owners.put(topic, ofTopic);
  }

  @Override
  public boolean isSubscribedTo(String topic) {
    asked.add(topic);
    return reads.contains(topic);
  }

  @Override
  public Map<String, Map<Integer, String>> owners() {
    ownersAsked++;
    return owners;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String type() {
    return "classic";
  }

  @Override
  public String protocolType() {
    return "consumer";
  }

  @Override
  public String state() {
    return "Stable";
  }

  @Override
  public boolean isEmpty() {
    return false;
  }

  @Override
  public long stateTimestampMs() {
    return 0;
  }

  @Override
  public Errors validateCommit(
      String memberId, @Nullable String instanceId, int generation, long nowMs) {
    return Errors.NONE;
  }

  @Override
  public Errors validateFetch(@Nullable String memberId, int memberEpoch) {
    return Errors.NONE;
  }

  @Override
  public long nextDeadlineMs() {
    return Long.MAX_VALUE;
  }

  @Override
  public void tick(long nowMs, Effects effects) {}

  @Override
  public void postpone(long byMs) {}

  @Override
  public List<GroupRecord> removal() {
    return List.of();
  }

  @Override
  public boolean hasInstance(@Nullable String instanceId) {
    return false;
  }

  @Override
  public Map<String, MemberName> memberNames() {
    return Map.of();
  }

  @Override
  public DescribedGroup describe() {
    return new DescribedGroup().setGroupId(id);
  }

  @Override
  public void unload(Errors reason, Effects effects) {}
}
