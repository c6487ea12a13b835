package io.penstock.node.group.record;

import io.penstock.client.wire.KeyedRecord;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.PrefixedMessages;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.ConsumerGroupRecord.ResolvedRegex;
import io.penstock.node.group.effect.ConsumerGroupRecord.TargetTime;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.PartitionEpochs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue.TopicPartition;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.jspecify.annotations.Nullable;

/**
 * What groups of the consumer protocol write down, to records and back, in the versions that Kafka
 * 4.4 writes. Stateless.
 */
final class ConsumerRecordCodec {

  private static final short KEY_VERSION = 0;
  private static final short VALUE_VERSION = 0;

  /** What a record takes at most besides what is counted below. */
  private static final int OVERHEAD_BYTES = 160;

  private static final int TOPIC_BYTES = 32;

  /** Its number, and since when it is the member's. */
  private static final int PARTITION_BYTES = 8;

  private ConsumerRecordCodec() {}

  /** What the record takes in a batch, at most; it is not encoded for that. */
  static long sizeBytesMax(ConsumerGroupRecord each) {
    long bytes = (long) OVERHEAD_BYTES + GroupLimits.utf8Bytes(each.groupId());
    return switch (each) {
      case ConsumerGroupRecord.Epoch _, ConsumerGroupRecord.TargetEpoch _ -> bytes;
      case ConsumerGroupRecord.Member(_, String memberId, MemberDescription value) ->
          bytes + GroupLimits.utf8Bytes(memberId) + (value == null ? 0 : value.bytesMax());
      case ConsumerGroupRecord.Target(_, String memberId, MemberTarget value) ->
          bytes + GroupLimits.utf8Bytes(memberId) + (value == null ? 0 : bytes(value));
      case ConsumerGroupRecord.Current(_, String memberId, CurrentAssignment value) -> {
        bytes += GroupLimits.utf8Bytes(memberId);
        yield value == null ? bytes : bytes + bytes(value.assigned()) + bytes(value.revoking());
      }
      case ConsumerGroupRecord.Regex(_, String regex, ResolvedRegex value) -> {
        bytes += GroupLimits.utf8Bytes(regex);
        if (value != null) {
          for (String topic : value.topics()) {
            bytes += TOPIC_BYTES + GroupLimits.utf8Bytes(topic);
          }
        }
        yield bytes;
      }
    };
  }

  private static long bytes(MemberTarget partitions) {
    return (long) TOPIC_BYTES * partitions.topics().size()
        + (long) PARTITION_BYTES * partitions.size();
  }

  static KeyedRecord encode(ConsumerGroupRecord each) {
    return switch (each) {
      case ConsumerGroupRecord.Epoch(String groupId, GroupEpoch value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_METADATA,
              new ConsumerGroupMetadataKey().setGroupId(groupId),
              value == null
                  ? null
                  : new ConsumerGroupMetadataValue()
                      .setEpoch(value.epoch())
                      .setMetadataHash(value.metadataHash()));
      case ConsumerGroupRecord.Member(String groupId, String memberId, MemberDescription value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_MEMBER_METADATA,
              new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId),
              value == null ? null : message(value));
      case ConsumerGroupRecord.TargetEpoch(String groupId, TargetTime value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA,
              new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId),
              value == null
                  ? null
                  : new ConsumerGroupTargetAssignmentMetadataValue()
                      .setAssignmentEpoch(value.epoch())
                      .setAssignmentTimestamp(value.timestampMs()));
      case ConsumerGroupRecord.Target(String groupId, String memberId, MemberTarget value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER,
              new ConsumerGroupTargetAssignmentMemberKey()
                  .setGroupId(groupId)
                  .setMemberId(memberId),
              value == null ? null : message(value));
      case ConsumerGroupRecord.Current(String groupId, String memberId, CurrentAssignment value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT,
              new ConsumerGroupCurrentMemberAssignmentKey()
                  .setGroupId(groupId)
                  .setMemberId(memberId),
              value == null ? null : message(value));
      case ConsumerGroupRecord.Regex(String groupId, String regex, ResolvedRegex value) ->
          keyed(
              CoordinatorRecordType.CONSUMER_GROUP_REGULAR_EXPRESSION,
              new ConsumerGroupRegularExpressionKey()
                  .setGroupId(groupId)
                  .setRegularExpression(regex),
              value == null
                  ? null
                  : new ConsumerGroupRegularExpressionValue()
                      .setTopics(value.topics())
                      .setVersion(value.version())
                      .setTimestamp(value.timestampMs()));
    };
  }

  private static KeyedRecord keyed(
      CoordinatorRecordType type, ApiMessage key, @Nullable ApiMessage value) {
    return new KeyedRecord(
        PrefixedMessages.write(type.id(), key, KEY_VERSION),
        value == null ? null : PrefixedMessages.write(VALUE_VERSION, value, VALUE_VERSION));
  }

  private static ConsumerGroupMemberMetadataValue message(MemberDescription member) {
    return new ConsumerGroupMemberMetadataValue()
        .setInstanceId(member.instanceId())
        .setRackId(member.rack())
        .setClientId(member.clientId())
        .setClientHost(member.clientHost())
        .setSubscribedTopicNames(member.topics())
        .setSubscribedTopicRegex(member.regex())
        .setRebalanceTimeoutMs(member.rebalanceTimeoutMs())
        .setServerAssignor(member.assignor())
        .setClassicMemberMetadata(message(member.classic()));
  }

  private static @Nullable ClassicMemberMetadata message(
      MemberDescription.@Nullable Classic classic) {
    if (classic == null) {
      return null;
    }
    List<ClassicProtocol> protocols = new ArrayList<>();
    for (MemberDescription.Protocol each : classic.protocols()) {
      protocols.add(new ClassicProtocol().setName(each.name()).setMetadata(each.metadata()));
    }
    return new ClassicMemberMetadata()
        .setSessionTimeoutMs(classic.sessionTimeoutMs())
        .setSupportedProtocols(protocols);
  }

  private static ConsumerGroupTargetAssignmentMemberValue message(MemberTarget target) {
    List<TopicPartition> topics = new ArrayList<>();
    target
        .topics()
        .forEach((id, partitions) ->
            topics.add(
                new TopicPartition()
                    .setTopicId(KafkaIds.toKafka(id))
                    .setPartitions(partitions.toList())));
    return new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(topics);
  }

  private static ConsumerGroupCurrentMemberAssignmentValue message(CurrentAssignment current) {
    return new ConsumerGroupCurrentMemberAssignmentValue()
        .setMemberEpoch(current.epoch())
        .setPreviousMemberEpoch(current.previousEpoch())
        .setState(current.progress().code())
        .setAssignedPartitions(topics(current.assigned(), current))
        .setPartitionsPendingRevocation(topics(current.revoking(), current));
  }

  private static List<TopicPartitions> topics(MemberTarget partitions, CurrentAssignment current) {
    List<TopicPartitions> topics = new ArrayList<>();
    partitions
        .topics()
        .forEach((id, each) -> {
          Map<Integer, Integer> since = current.since().topics().getOrDefault(id, Map.of());
          topics.add(
              new TopicPartitions()
                  .setTopicId(KafkaIds.toKafka(id))
                  .setPartitions(each.toList())
                  .setAssignmentEpochs(
                      each.stream()
                          .map(partition -> since.getOrDefault(partition, current.epoch()))
                          .boxed()
                          .toList()));
        });
    return topics;
  }

  /**
   * Reads one record; one that is not what its key says is refused.
   *
   * @return null where records of this type are none of these
   */
  static @Nullable ConsumerGroupRecord decode(
      short type, ByteBuffer key, @Nullable ByteBuffer value) throws MalformedFrameException {
    if (type == CoordinatorRecordType.CONSUMER_GROUP_METADATA.id()) {
      return epoch(key, value);
    }
    if (type == CoordinatorRecordType.CONSUMER_GROUP_MEMBER_METADATA.id()) {
      return member(key, value);
    }
    if (type == CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA.id()) {
      return targetEpoch(key, value);
    }
    if (type == CoordinatorRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER.id()) {
      return target(key, value);
    }
    if (type == CoordinatorRecordType.CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT.id()) {
      return current(key, value);
    }
    if (type == CoordinatorRecordType.CONSUMER_GROUP_REGULAR_EXPRESSION.id()) {
      return regex(key, value);
    }
    return null;
  }

  private static <T extends ApiMessage> @Nullable T value(@Nullable ByteBuffer bytes, T into)
      throws MalformedFrameException {
    return bytes == null
        ? null
        : PrefixedMessages.read(bytes, into, PrefixedMessages.prefix(bytes));
  }

  private static ConsumerGroupRecord epoch(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key = PrefixedMessages.read(keyBytes, new ConsumerGroupMetadataKey(), KEY_VERSION);
    ConsumerGroupMetadataValue value = value(bytes, new ConsumerGroupMetadataValue());
    return new ConsumerGroupRecord.Epoch(
        key.groupId(), value == null ? null : new GroupEpoch(value.epoch(), value.metadataHash()));
  }

  private static ConsumerGroupRecord member(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key = PrefixedMessages.read(keyBytes, new ConsumerGroupMemberMetadataKey(), KEY_VERSION);
    ConsumerGroupMemberMetadataValue value = value(bytes, new ConsumerGroupMemberMetadataValue());
    return new ConsumerGroupRecord.Member(
        key.groupId(),
        key.memberId(),
        value == null
            ? null
            : new MemberDescription(
                value.instanceId(),
                value.rackId(),
                value.clientId(),
                value.clientHost(),
                value.subscribedTopicNames(),
                value.subscribedTopicRegex(),
                value.rebalanceTimeoutMs(),
                value.serverAssignor(),
                classic(value.classicMemberMetadata())));
  }

  private static MemberDescription.@Nullable Classic classic(
      @Nullable ClassicMemberMetadata classic) {
    if (classic == null) {
      return null;
    }
    List<MemberDescription.Protocol> protocols = new ArrayList<>();
    for (ClassicProtocol each : classic.supportedProtocols()) {
      protocols.add(new MemberDescription.Protocol(each.name(), each.metadata()));
    }
    return new MemberDescription.Classic(classic.sessionTimeoutMs(), protocols);
  }

  private static ConsumerGroupRecord targetEpoch(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key =
        PrefixedMessages.read(
            keyBytes, new ConsumerGroupTargetAssignmentMetadataKey(), KEY_VERSION);
    ConsumerGroupTargetAssignmentMetadataValue value =
        value(bytes, new ConsumerGroupTargetAssignmentMetadataValue());
    return new ConsumerGroupRecord.TargetEpoch(
        key.groupId(),
        value == null
            ? null
            : new TargetTime(value.assignmentEpoch(), value.assignmentTimestamp()));
  }

  private static ConsumerGroupRecord target(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key =
        PrefixedMessages.read(keyBytes, new ConsumerGroupTargetAssignmentMemberKey(), KEY_VERSION);
    ConsumerGroupTargetAssignmentMemberValue value =
        value(bytes, new ConsumerGroupTargetAssignmentMemberValue());
    MemberTarget target = null;
    if (value != null) {
      Map<UUID, PartitionSet> topics = new HashMap<>();
      for (TopicPartition each : value.topicPartitions()) {
        topics.merge(
            KafkaIds.fromKafka(each.topicId()),
            PartitionSet.of(each.partitions()),
            PartitionSet::plus);
      }
      target = new MemberTarget(topics);
    }
    return new ConsumerGroupRecord.Target(key.groupId(), key.memberId(), target);
  }

  private static ConsumerGroupRecord current(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key =
        PrefixedMessages.read(keyBytes, new ConsumerGroupCurrentMemberAssignmentKey(), KEY_VERSION);
    ConsumerGroupCurrentMemberAssignmentValue value =
        value(bytes, new ConsumerGroupCurrentMemberAssignmentValue());
    return new ConsumerGroupRecord.Current(
        key.groupId(), key.memberId(), value == null ? null : current(value));
  }

  private static CurrentAssignment current(ConsumerGroupCurrentMemberAssignmentValue value) {
    Map<UUID, Map<Integer, Integer>> since = new HashMap<>();
    MemberTarget assigned = partitions(value.assignedPartitions(), value.memberEpoch(), since);
    MemberTarget revoking =
        partitions(value.partitionsPendingRevocation(), value.memberEpoch(), since);
    return new CurrentAssignment(
        value.memberEpoch(),
        value.previousMemberEpoch(),
        Progress.of(value.state()),
        assigned,
        revoking,
        new PartitionEpochs(since));
  }

  /** Versions before this did not write since when a member has its partitions. */
  private static MemberTarget partitions(
      List<TopicPartitions> topics, int memberEpoch, Map<UUID, Map<Integer, Integer>> since) {
    Map<UUID, PartitionSet> partitions = new HashMap<>();
    for (TopicPartitions each : topics) {
      UUID id = KafkaIds.fromKafka(each.topicId());
      partitions.merge(id, PartitionSet.of(each.partitions()), PartitionSet::plus);
      List<Integer> epochs = each.assignmentEpochs();
      boolean known = epochs != null && epochs.size() == each.partitions().size();
      Map<Integer, Integer> of = since.computeIfAbsent(id, _ -> new HashMap<>());
      for (int i = 0; i < each.partitions().size(); i++) {
        of.put(each.partitions().get(i), known ? epochs.get(i) : memberEpoch);
      }
    }
    return new MemberTarget(partitions);
  }

  private static ConsumerGroupRecord regex(ByteBuffer keyBytes, @Nullable ByteBuffer bytes)
      throws MalformedFrameException {
    var key = PrefixedMessages.read(keyBytes, new ConsumerGroupRegularExpressionKey(), KEY_VERSION);
    ConsumerGroupRegularExpressionValue value =
        value(bytes, new ConsumerGroupRegularExpressionValue());
    return new ConsumerGroupRecord.Regex(
        key.groupId(),
        key.regularExpression(),
        value == null
            ? null
            : new ResolvedRegex(value.topics(), value.version(), value.timestamp()));
  }
}
