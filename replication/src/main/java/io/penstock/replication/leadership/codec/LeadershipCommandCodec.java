package io.penstock.replication.leadership.codec;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.NodeIds;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Commands of the {@code leadership} log: one byte of version, one of kind, the fields in order.
 * Numbers of kinds are never used again.
 */
public final class LeadershipCommandCodec {

  /** Raised with any change of a layout; older ones stay readable. */
  static final int VERSION = 1;

  private static final int REGISTER_BROKER = 1;
  private static final int UNFENCE_BROKER = 2;
  private static final int FENCE_BROKER = 3;
  private static final int DRAIN_BROKER = 4;
  private static final int UNREGISTER_BROKER = 5;
  private static final int CREATE_TOPICS = 6;
  private static final int DELETE_TOPICS = 7;
  private static final int CREATE_PARTITIONS = 8;
  private static final int SET_MIN_INSYNC_REPLICAS = 9;
  private static final int CHANGE_ISR = 10;
  private static final int ELECT_LEADERS = 11;

  private static final int REGISTER_BROKER_WITH_DIRECTORIES = 12;

  private static final int PREFERRED = 0;
  private static final int UNCLEAN = 1;

  private LeadershipCommandCodec() {}

  public static byte[] encode(LeadershipCommand command) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CompactOutput out = new CompactOutput(bytes);
      out.writeByte(VERSION);
      write(command, out);
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
  public static LeadershipCommand decode(byte[] bytes) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int version = in.readByte();
      if (version != VERSION) {
        throw new UnknownFormatException("a leadership command has version " + version);
      }
      LeadershipCommand command = read(in.readByte(), in);
      in.expectEnd();
      return command;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }

  private static void write(LeadershipCommand command, CompactOutput out) throws IOException {
    switch (command) {
      case RegisterBroker register -> writeRegister(register, out);
      case UnfenceBroker(int id, long epoch) -> writeBroker(UNFENCE_BROKER, id, epoch, out);
      case FenceBroker(int id, long epoch) -> writeBroker(FENCE_BROKER, id, epoch, out);
      case DrainBroker(int id, long epoch) -> writeBroker(DRAIN_BROKER, id, epoch, out);
      case UnregisterBroker(int id) -> {
        out.writeByte(UNREGISTER_BROKER);
        out.writeUnsigned(id);
      }
      case CreateTopics(List<NewTopic> topics) -> {
        out.writeByte(CREATE_TOPICS);
        out.writeUnsigned(topics.size());
        for (NewTopic topic : topics) {
          writeNewTopic(topic, out);
        }
      }
      case DeleteTopics(List<UUID> ids) -> {
        out.writeByte(DELETE_TOPICS);
        out.writeUnsigned(ids.size());
        for (UUID id : ids) {
          out.writeUuid(id);
        }
      }
      case CreatePartitions(UUID id, int count, List<NodeIds> assignments) -> {
        out.writeByte(CREATE_PARTITIONS);
        out.writeUuid(id);
        out.writeSigned(count);
        writeAssignments(assignments, out);
      }
      case SetMinInsyncReplicas(UUID id, int minimum) -> {
        out.writeByte(SET_MIN_INSYNC_REPLICAS);
        out.writeUuid(id);
        out.writeSigned(minimum);
      }
      case ChangeIsr change -> writeChangeIsr(change, out);
      case ElectLeaders elect -> writeElect(elect, out);
    }
  }

  private static LeadershipCommand read(int kind, CompactInput in) throws IOException {
    return switch (kind) {
      case REGISTER_BROKER -> readRegister(in, false);
      case REGISTER_BROKER_WITH_DIRECTORIES -> readRegister(in, true);
      case UNFENCE_BROKER -> new UnfenceBroker(in.readUnsignedInt(), in.readSigned());
      case FENCE_BROKER -> new FenceBroker(in.readUnsignedInt(), in.readSigned());
      case DRAIN_BROKER -> new DrainBroker(in.readUnsignedInt(), in.readSigned());
      case UNREGISTER_BROKER -> new UnregisterBroker(in.readUnsignedInt());
      case CREATE_TOPICS -> new CreateTopics(readNewTopics(in));
      case DELETE_TOPICS -> {
        int count = in.readCount();
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          ids.add(in.readUuid());
        }
        yield new DeleteTopics(ids);
      }
      case CREATE_PARTITIONS ->
          new CreatePartitions(in.readUuid(), in.readSignedInt(), readAssignments(in));
      case SET_MIN_INSYNC_REPLICAS -> new SetMinInsyncReplicas(in.readUuid(), in.readSignedInt());
      case CHANGE_ISR -> readChangeIsr(in);
      case ELECT_LEADERS -> readElect(in);
      default -> throw new UnknownFormatException("a leadership command has kind " + kind);
    };
  }

  private static void writeRegister(RegisterBroker command, CompactOutput out) throws IOException {
    boolean names = !command.directories().isEmpty();
    out.writeByte(names ? REGISTER_BROKER_WITH_DIRECTORIES : REGISTER_BROKER);
    out.writeSigned(command.brokerId());
    out.writeUuid(command.incarnation());
    AddressCodec.write(command.client(), out);
    AddressCodec.write(command.peer(), out);
    String rack = command.rack();
    out.writeBoolean(rack != null);
    if (rack != null) {
      out.writeString(rack);
    }
    out.writeSigned(command.previousEpoch());
    out.writeUnsigned(command.featureLevel());
    if (names) {
      UuidsCodec.write(command.directories(), out);
    }
  }

  private static RegisterBroker readRegister(CompactInput in, boolean names) throws IOException {
    return new RegisterBroker(
        in.readSignedInt(),
        in.readUuid(),
        AddressCodec.read(in),
        AddressCodec.read(in),
        in.readBoolean() ? in.readString() : null,
        in.readSigned(),
        in.readUnsignedInt(),
        names ? UuidsCodec.read(in) : List.of());
  }

  private static void writeBroker(int kind, int id, long epoch, CompactOutput out)
      throws IOException {
    out.writeByte(kind);
    out.writeUnsigned(id);
    out.writeSigned(epoch);
  }

  private static void writeNewTopic(NewTopic topic, CompactOutput out) throws IOException {
    out.writeString(topic.name());
    out.writeUuid(topic.id());
    out.writeSigned(topic.partitionCount());
    out.writeSigned(topic.replicationFactor());
    writeAssignments(topic.assignments(), out);
    out.writeSigned(topic.minInsyncReplicas());
    out.writeSigned(topic.firstLeaderEpoch());
  }

  private static List<NewTopic> readNewTopics(CompactInput in) throws IOException {
    int count = in.readCount();
    List<NewTopic> topics = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      topics.add(
          new NewTopic(
              in.readString(),
              in.readUuid(),
              in.readSignedInt(),
              in.readSignedInt(),
              readAssignments(in),
              in.readSignedInt(),
              in.readSignedInt()));
    }
    return topics;
  }

  private static void writeAssignments(List<NodeIds> assignments, CompactOutput out)
      throws IOException {
    out.writeUnsigned(assignments.size());
    for (NodeIds replicas : assignments) {
      out.writeUnsigned(replicas.size());
      for (int i = 0; i < replicas.size(); i++) {
        out.writeSigned(replicas.get(i)); // as asked: the rules refuse what no broker can be
      }
    }
  }

  private static List<NodeIds> readAssignments(CompactInput in) throws IOException {
    int count = in.readCount();
    List<NodeIds> assignments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] replicas = new int[in.readCount()];
      for (int j = 0; j < replicas.length; j++) {
        replicas[j] = in.readSignedInt();
      }
      assignments.add(NodeIds.of(replicas));
    }
    return assignments;
  }

  private static void writeChangeIsr(ChangeIsr command, CompactOutput out) throws IOException {
    out.writeByte(CHANGE_ISR);
    out.writeUnsigned(command.brokerId());
    out.writeSigned(command.brokerEpoch());
    out.writeUnsigned(command.changes().size());
    for (IsrChange change : command.changes()) {
      out.writeUuid(change.topicId());
      out.writeUnsigned(change.partition());
      out.writeSigned(change.leaderEpoch());
      out.writeSigned(change.partitionEpoch());
      out.writeUnsigned(change.isr().size());
      for (IsrMember member : change.isr()) {
        out.writeUnsigned(member.brokerId());
        out.writeSigned(member.brokerEpoch());
      }
    }
  }

  private static ChangeIsr readChangeIsr(CompactInput in) throws IOException {
    int brokerId = in.readUnsignedInt();
    long brokerEpoch = in.readSigned();
    int count = in.readCount();
    List<IsrChange> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID topicId = in.readUuid();
      int partition = in.readUnsignedInt();
      int leaderEpoch = in.readSignedInt();
      int partitionEpoch = in.readSignedInt();
      int members = in.readCount();
      List<IsrMember> isr = new ArrayList<>();
      for (int j = 0; j < members; j++) {
        isr.add(new IsrMember(in.readUnsignedInt(), in.readSigned()));
      }
      changes.add(new IsrChange(topicId, partition, leaderEpoch, partitionEpoch, isr));
    }
    return new ChangeIsr(brokerId, brokerEpoch, changes);
  }

  private static void writeElect(ElectLeaders command, CompactOutput out) throws IOException {
    out.writeByte(ELECT_LEADERS);
    out.writeByte(
        switch (command.kind()) {
          case PREFERRED -> PREFERRED;
          case UNCLEAN -> UNCLEAN;
        });
    out.writeUnsigned(command.partitions().size());
    for (PartitionRef ref : command.partitions()) {
      out.writeUuid(ref.topicId());
      out.writeUnsigned(ref.partition());
    }
  }

  private static ElectLeaders readElect(CompactInput in) throws IOException {
    int number = in.readByte();
    ElectionKind kind =
        switch (number) {
          case PREFERRED -> ElectionKind.PREFERRED;
          case UNCLEAN -> ElectionKind.UNCLEAN;
          default -> throw new UnknownFormatException("an election has kind " + number);
        };
    int count = in.readCount();
    List<PartitionRef> partitions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      partitions.add(new PartitionRef(in.readUuid(), in.readUnsignedInt()));
    }
    return new ElectLeaders(kind, partitions);
  }
}
