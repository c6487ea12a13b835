package io.penstock.replication.leadership.codec;

import io.penstock.replication.leadership.BrokerDirectories;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.NodeIds;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Snapshots of the {@code leadership} group: some ten bytes for each healthy partition. */
public final class LeadershipImageCodec {

  static final int VERSION = 1;

  /** With the directories of brokers, and partitions that wait for one. */
  static final int VERSION_WITH_DIRECTORIES = 2;

  /** The flag of a partition whose ISR is its replicas, and where nobody else is eligible. */
  private static final int ALL_IN_SYNC = 1;

  private static final int NOT_ALL_IN_SYNC = 0;

  /** The flag of one whose only member in sync came back without its disk. */
  private static final int BEREFT = 2;

  private LeadershipImageCodec() {}

  public static void write(LeadershipImage image, CompactOutput out) throws IOException {
    int version = version(image);
    out.writeByte(version);
    out.writeUnsigned(image.lastBrokerEpoch());
    out.writeUnsigned(image.nextPlacement());
    List<BrokerImage> brokers = image.brokers();
    out.writeUnsigned(brokers.size());
    for (BrokerImage broker : brokers) {
      writeBroker(broker, version, out);
    }
    List<TopicImage> topics = image.topics();
    out.writeUnsigned(topics.size());
    for (TopicImage topic : topics) {
      out.writeString(topic.name());
      out.writeUuid(topic.id());
      out.writeUnsigned(topic.minInsyncReplicas());
      out.writeUnsigned(topic.partitionCount());
      for (PartitionImage partition : topic.partitions()) {
        writePartition(partition, out);
      }
    }
  }

  /**
   * Reads what was written here.
   *
   * @throws UnknownFormatException if a newer version wrote it, or if it is damaged
   */
  public static LeadershipImage read(CompactInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION && version != VERSION_WITH_DIRECTORIES) {
      throw new UnknownFormatException("a leadership snapshot has version " + version);
    }
    long lastBrokerEpoch = in.readUnsigned();
    int nextPlacement = in.readUnsignedInt();
    int brokerCount = in.readCount();
    List<BrokerImage> brokers = new ArrayList<>();
    for (int i = 0; i < brokerCount; i++) {
      brokers.add(readBroker(in, version));
    }
    int topicCount = in.readCount();
    List<TopicImage> topics = new ArrayList<>();
    Map<NodeIds, NodeIds> shared = new HashMap<>();
    for (int i = 0; i < topicCount; i++) {
      topics.add(readTopic(in, shared));
    }
    in.expectEnd();
    return LeadershipImage.restore(lastBrokerEpoch, nextPlacement, brokers, topics);
  }

  /** As an earlier version reads it, too, where nothing is to be said that it would not know. */
  private static int version(LeadershipImage image) {
    return image.brokers().stream()
            .allMatch(broker -> broker.directories().equals(BrokerDirectories.UNKNOWN))
        ? VERSION
        : VERSION_WITH_DIRECTORIES;
  }

  private static TopicImage readTopic(CompactInput in, Map<NodeIds, NodeIds> shared)
      throws IOException {
    String name = in.readString();
    UUID id = in.readUuid();
    int minInsyncReplicas = in.readUnsignedInt();
    int count = in.readCount();
    List<PartitionImage> partitions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      partitions.add(readPartition(in, shared));
    }
    return new TopicImage(name, id, minInsyncReplicas, partitions);
  }

  private static void writeBroker(BrokerImage broker, int version, CompactOutput out)
      throws IOException {
    out.writeUnsigned(broker.id());
    out.writeUnsigned(broker.epoch());
    out.writeUuid(broker.incarnation());
    AddressCodec.write(broker.client(), out);
    AddressCodec.write(broker.peer(), out);
    String rack = broker.rack();
    out.writeBoolean(rack != null);
    if (rack != null) {
      out.writeString(rack);
    }
    out.writeBoolean(broker.fenced());
    out.writeBoolean(broker.draining());
    out.writeUnsigned(broker.featureLevel());
    if (version == VERSION_WITH_DIRECTORIES) {
      UuidsCodec.write(broker.directories().present(), out);
      UuidsCodec.write(broker.directories().missing(), out);
    }
  }

  private static BrokerImage readBroker(CompactInput in, int version) throws IOException {
    return new BrokerImage(
        in.readUnsignedInt(),
        in.readUnsigned(),
        in.readUuid(),
        AddressCodec.read(in),
        AddressCodec.read(in),
        in.readBoolean() ? in.readString() : null,
        in.readBoolean(),
        in.readBoolean(),
        in.readUnsignedInt(),
        version == VERSION_WITH_DIRECTORIES
            ? new BrokerDirectories(UuidsCodec.read(in), UuidsCodec.read(in))
            : BrokerDirectories.UNKNOWN);
  }

  private static void writePartition(PartitionImage partition, CompactOutput out)
      throws IOException {
    boolean all =
        partition.isr().equals(partition.replicas())
            && partition.elr().isEmpty()
            && !partition.bereft();
    out.writeByte(partition.bereft() ? BEREFT : all ? ALL_IN_SYNC : NOT_ALL_IN_SYNC);
    out.writeSigned(partition.leader());
    out.writeUnsigned(partition.leaderEpoch());
    out.writeUnsigned(partition.partitionEpoch());
    out.writeIds(partition.replicas());
    if (!all) {
      out.writeIds(partition.isr());
      out.writeIds(partition.elr());
    }
  }

  private static PartitionImage readPartition(CompactInput in, Map<NodeIds, NodeIds> shared)
      throws IOException {
    int flag = in.readByte();
    if (flag < NOT_ALL_IN_SYNC || flag > BEREFT) {
      throw new UnknownFormatException("a partition has flag " + flag);
    }
    int leader = in.readSignedInt();
    int leaderEpoch = in.readUnsignedInt();
    int partitionEpoch = in.readUnsignedInt();
    NodeIds replicas = readIds(in, shared);
    NodeIds isr = flag == ALL_IN_SYNC ? replicas : readIds(in, shared);
    NodeIds elr = flag == ALL_IN_SYNC ? NodeIds.NONE : readIds(in, shared);
    return new PartitionImage(
        leader, leaderEpoch, partitionEpoch, replicas, isr, elr, flag == BEREFT);
  }

  /** A cluster has few different lists for its many partitions: each is kept once. */
  private static NodeIds readIds(CompactInput in, Map<NodeIds, NodeIds> shared) throws IOException {
    NodeIds ids = in.readIds();
    NodeIds same = shared.putIfAbsent(ids, ids);
    return same == null ? ids : same;
  }
}
