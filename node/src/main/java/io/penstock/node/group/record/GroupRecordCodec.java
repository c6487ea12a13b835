package io.penstock.node.group.record;

import io.penstock.client.wire.KeyedRecord;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.PrefixedMessages;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue.MemberMetadata;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/**
 * Offsets and groups to records and back. Values are written in the versions that Kafka 4 writes,
 * and read in all of them; the type of a key is its prefix. Stateless.
 */
public final class GroupRecordCodec {

  private static final short KEY_VERSION = 0;
  private static final short GROUP_VALUE_VERSION = 3;

  /** Of an offset whose topic's id is not known. */
  private static final short OFFSET_VALUE_WITHOUT_ID = 3;

  /** The first one with the topic's id. */
  private static final short OFFSET_VALUE_WITH_ID = 4;

  /** The one version that says when the offset expires. */
  private static final short OFFSET_VALUE_WITH_EXPIRY = 1;

  /** What a record of an offset takes at most besides its names and its metadata. */
  private static final int OFFSET_OVERHEAD_BYTES = 128;

  /** What a tombstone takes at most besides its name. */
  private static final int TOMBSTONE_OVERHEAD_BYTES = 64;

  private GroupRecordCodec() {}

  /** Takes what records say, in their order. */
  public interface Reader {
    void offset(OffsetChange change);

    void group(GroupRecord group);

    /** A record that this version does not know; Kafka's other coordinators write such. */
    void unknown(short type);
  }

  /** What the record of an offset takes in a batch, at most; it is not encoded for that. */
  public static long sizeBytesMax(OffsetChange change) {
    CommittedOffset committed = change.committed();
    return (long) OFFSET_OVERHEAD_BYTES
        + GroupLimits.utf8Bytes(change.groupId())
        + GroupLimits.utf8Bytes(change.topic())
        + (committed == null ? 0 : GroupLimits.utf8Bytes(committed.metadata()));
  }

  /** What the record of a group takes in a batch, at most; it is not encoded for that. */
  public static long sizeBytesMax(GroupRecord group) {
    return switch (group) {
      case GroupRecord.Removed(String groupId) ->
          (long) TOMBSTONE_OVERHEAD_BYTES + GroupLimits.utf8Bytes(groupId);
      case GroupRecord.Stored(GroupSnapshot snapshot) -> snapshot.recordBytesMax();
      case ConsumerGroupRecord each -> ConsumerRecordCodec.sizeBytesMax(each);
    };
  }

  /** An offset, or its tombstone. */
  public static KeyedRecord encode(OffsetChange change) {
    OffsetCommitKey key =
        new OffsetCommitKey()
            .setGroup(change.groupId())
            .setTopic(change.topic())
            .setPartition(change.partition());
    CommittedOffset committed = change.committed();
    return new KeyedRecord(
        PrefixedMessages.write(CoordinatorRecordType.OFFSET_COMMIT.id(), key, KEY_VERSION),
        committed == null ? null : encode(committed));
  }

  private static byte[] encode(CommittedOffset committed) {
    UUID topicId = committed.topicId();
    boolean expires = committed.expiresAtMs() != CommittedOffset.NO_EXPIRY;
    OffsetCommitValue value =
        new OffsetCommitValue()
            .setOffset(committed.offset())
            .setLeaderEpoch(committed.leaderEpoch())
            .setMetadata(committed.metadata())
            .setCommitTimestamp(committed.committedAtMs());
    short version = OFFSET_VALUE_WITHOUT_ID;
    if (expires) {
      version = OFFSET_VALUE_WITH_EXPIRY;
      value.setExpireTimestamp(committed.expiresAtMs()).setLeaderEpoch(-1);
    } else if (topicId != null) {
      version = OFFSET_VALUE_WITH_ID;
      value.setTopicId(KafkaIds.toKafka(topicId));
    }
    return PrefixedMessages.write(version, value, version);
  }

  /** What a group says of itself, or that it says so no longer. */
  public static KeyedRecord encode(GroupRecord group) {
    return switch (group) {
      case GroupRecord.Removed(String groupId) -> new KeyedRecord(keyOf(groupId), null);
      case GroupRecord.Stored(GroupSnapshot snapshot) ->
          new KeyedRecord(keyOf(snapshot.groupId()), encode(snapshot));
      case ConsumerGroupRecord each -> ConsumerRecordCodec.encode(each);
    };
  }

  private static byte[] keyOf(String groupId) {
    return PrefixedMessages.write(
        CoordinatorRecordType.GROUP_METADATA.id(),
        new GroupMetadataKey().setGroup(groupId),
        KEY_VERSION);
  }

  private static byte[] encode(GroupSnapshot snapshot) {
    List<MemberMetadata> members = new ArrayList<>(snapshot.members().size());
    for (GroupSnapshot.Member member : snapshot.members()) {
      members.add(
          new MemberMetadata()
              .setMemberId(member.memberId())
              .setGroupInstanceId(member.instanceId())
              .setClientId(member.clientId())
              .setClientHost(member.clientHost())
              .setRebalanceTimeout(member.rebalanceTimeoutMs())
              .setSessionTimeout(member.sessionTimeoutMs())
              .setSubscription(member.subscription())
              .setAssignment(member.assignment()));
    }
    GroupMetadataValue value =
        new GroupMetadataValue()
            .setProtocolType(snapshot.protocolType())
            .setGeneration(snapshot.generation())
            .setProtocol(snapshot.protocol())
            .setLeader(snapshot.leader())
            .setCurrentStateTimestamp(snapshot.stateTimestampMs())
            .setMembers(members);
    return PrefixedMessages.write(GROUP_VALUE_VERSION, value, GROUP_VALUE_VERSION);
  }

  /** Reads one record; one that is not what its key says is refused. */
  public static void decode(ByteBuffer key, @Nullable ByteBuffer value, Reader reader)
      throws MalformedFrameException {
    short type = PrefixedMessages.prefix(key);
    if (type == CoordinatorRecordType.OFFSET_COMMIT.id()
        || type == CoordinatorRecordType.LEGACY_OFFSET_COMMIT.id()) {
      reader.offset(offset(key, value));
    } else if (type == CoordinatorRecordType.GROUP_METADATA.id()) {
      reader.group(group(key, value));
    } else {
      ConsumerGroupRecord record = ConsumerRecordCodec.decode(type, key, value);
      if (record == null) {
        reader.unknown(type);
      } else {
        reader.group(record);
      }
    }
  }

  private static OffsetChange offset(ByteBuffer keyBytes, @Nullable ByteBuffer valueBytes)
      throws MalformedFrameException {
    // The older type of key has the same fields.
    OffsetCommitKey key = PrefixedMessages.read(keyBytes, new OffsetCommitKey(), KEY_VERSION);
    CommittedOffset committed = null;
    if (valueBytes != null) {
      OffsetCommitValue value =
          PrefixedMessages.read(
              valueBytes, new OffsetCommitValue(), PrefixedMessages.prefix(valueBytes));
      Uuid id = value.topicId();
      committed =
          new CommittedOffset(
              id.equals(Uuid.ZERO_UUID) ? null : KafkaIds.fromKafka(id),
              value.offset(),
              value.leaderEpoch(),
              value.metadata(),
              value.commitTimestamp(),
              value.expireTimestamp());
    }
    return new OffsetChange(key.group(), key.topic(), key.partition(), committed);
  }

  private static GroupRecord group(ByteBuffer keyBytes, @Nullable ByteBuffer valueBytes)
      throws MalformedFrameException {
    String groupId = PrefixedMessages.read(keyBytes, new GroupMetadataKey(), KEY_VERSION).group();
    if (valueBytes == null) {
      return new GroupRecord.Removed(groupId);
    }
    GroupMetadataValue value =
        PrefixedMessages.read(
            valueBytes, new GroupMetadataValue(), PrefixedMessages.prefix(valueBytes));
    List<GroupSnapshot.Member> members = new ArrayList<>(value.members().size());
    for (MemberMetadata member : value.members()) {
      // The first versions did not write how long a rebalance may take: it was the session's time.
      int rebalanceTimeoutMs =
          member.rebalanceTimeout() == -1 ? member.sessionTimeout() : member.rebalanceTimeout();
      members.add(
          new GroupSnapshot.Member(
              member.memberId(),
              member.groupInstanceId(),
              member.clientId(),
              member.clientHost(),
              rebalanceTimeoutMs,
              member.sessionTimeout(),
              member.subscription(),
              member.assignment()));
    }
    return new GroupRecord.Stored(
        new GroupSnapshot(
            groupId,
            value.protocolType(),
            value.generation(),
            value.protocol(),
            value.leader(),
            value.currentStateTimestamp(),
            members));
  }
}
