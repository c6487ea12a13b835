package io.penstock.replication.leadership.codec;

import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.ControlErrorCodec;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Results of {@code leadership} commands on their way from the leader to the node that asked: one
 * byte of version, one of kind, the fields in order. They are never stored.
 */
public final class LeadershipResultCodec {

  static final int VERSION = 1;

  private static final int BROKER = 1;
  private static final int TOPICS = 2;
  private static final int PARTITIONS = 3;
  private static final int REFUSED = 4;

  private LeadershipResultCodec() {}

  public static byte[] encode(LeadershipResult result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CompactOutput out = new CompactOutput(bytes);
      out.writeByte(VERSION);
      write(result, out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what was written here.
   *
   * @throws UnknownFormatException if a newer version wrote it, or if it is damaged
   */
  public static LeadershipResult decode(byte[] bytes) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int version = in.readByte();
      if (version != VERSION) {
        throw new UnknownFormatException("a leadership result has version " + version);
      }
      LeadershipResult result = read(in.readByte(), in);
      in.expectEnd();
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }

  private static void write(LeadershipResult result, CompactOutput out) throws IOException {
    switch (result) {
      case BrokerResult broker -> {
        out.writeByte(BROKER);
        ControlErrorCodec.write(broker.error(), out);
        out.writeString(broker.message());
        out.writeSigned(broker.brokerEpoch());
      }
      case TopicsResult(List<TopicOutcome> topics) -> {
        out.writeByte(TOPICS);
        out.writeUnsigned(topics.size());
        for (TopicOutcome topic : topics) {
          out.writeString(topic.name());
          out.writeUuid(topic.topicId());
          ControlErrorCodec.write(topic.error(), out);
          out.writeString(topic.message());
        }
      }
      case PartitionsResult(List<PartitionOutcome> partitions) -> {
        out.writeByte(PARTITIONS);
        out.writeUnsigned(partitions.size());
        for (PartitionOutcome partition : partitions) {
          out.writeUuid(partition.topicId());
          out.writeSigned(partition.partition());
          ControlErrorCodec.write(partition.error(), out);
          out.writeSigned(partition.leaderEpoch());
          out.writeSigned(partition.partitionEpoch());
        }
      }
      case Refused refused -> {
        out.writeByte(REFUSED);
        ControlErrorCodec.write(refused.error(), out);
        out.writeString(refused.message());
      }
    }
  }

  private static LeadershipResult read(int kind, CompactInput in) throws IOException {
    return switch (kind) {
      case BROKER -> new BrokerResult(ControlErrorCodec.read(in), in.readString(), in.readSigned());
      case TOPICS -> {
        int count = in.readCount();
        List<TopicOutcome> topics = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          topics.add(
              new TopicOutcome(
                  in.readString(), in.readUuid(), ControlErrorCodec.read(in), in.readString()));
        }
        yield new TopicsResult(topics);
      }
      case PARTITIONS -> {
        int count = in.readCount();
        List<PartitionOutcome> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          partitions.add(
              new PartitionOutcome(
                  in.readUuid(),
                  in.readSignedInt(),
                  ControlErrorCodec.read(in),
                  in.readSignedInt(),
                  in.readSignedInt()));
        }
        yield new PartitionsResult(partitions);
      }
      case REFUSED -> new Refused(ControlErrorCodec.read(in), in.readString());
      default -> throw new UnknownFormatException("a leadership result has kind " + kind);
    };
  }
}
