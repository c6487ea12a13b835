package io.penstock.replication.cluster;

import io.penstock.replication.observer.ViewCodec;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What nodes say to each other to change who votes. */
sealed interface VoterMessage {

  int VERSION = 1;

  /** To the leader of {@code leadership}, which sees the whole change through. */
  record Change(VoterChange change) implements VoterMessage {}

  /** To the leader of a group: make one list of voters another. */
  record Set(int group, List<Member> expected, List<Member> wanted) implements VoterMessage {
    public Set {
      expected = List.copyOf(expected);
      wanted = List.copyOf(wanted);
    }
  }

  /** To a node: who are you, under which directory and address? */
  record Who() implements VoterMessage {}

  /** To a node of that cluster: open your groups, empty, and wait to be given a vote. */
  record Prepare(UUID clusterId) implements VoterMessage {}

  /** The answer to {@code Who}, and to {@code Prepare} when it is done. */
  record Self(Member member) implements VoterMessage {}

  /** The answer to {@code Change}, and to {@code Set}. */
  record Ended(VoterChange.Outcome outcome) implements VoterMessage {}

  /** The node asked does not lead that group; nothing was done. */
  record NotLeader() implements VoterMessage {}

  default byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          switch (this) {
            case Change(VoterChange change) -> {
              out.writeByte(1);
              writeChange(change, out);
            }
            case Set(int group, List<Member> expected, List<Member> wanted) -> {
              out.writeByte(2);
              out.writeUnsigned(group);
              ViewCodec.writeMembers(expected, out);
              ViewCodec.writeMembers(wanted, out);
            }
            case Who() -> out.writeByte(3);
            case Prepare(UUID clusterId) -> {
              out.writeByte(4);
              out.writeUuid(clusterId);
            }
            case Self(Member member) -> {
              out.writeByte(5);
              ViewCodec.writeMember(member, out);
            }
            case Ended(VoterChange.Outcome outcome) -> {
              out.writeByte(6);
              out.writeByte(number(outcome.error()));
              out.writeString(outcome.message());
            }
            case NotLeader() -> out.writeByte(7);
          }
        });
  }

  static VoterMessage decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case 1 -> new Change(readChange(in));
            case 2 ->
                new Set(in.readUnsignedInt(), ViewCodec.readMembers(in), ViewCodec.readMembers(in));
            case 3 -> new Who();
            case 4 -> new Prepare(in.readUuid());
            case 5 -> new Self(ViewCodec.readMember(in));
            case 6 -> new Ended(new VoterChange.Outcome(error(in.readByte()), in.readString()));
            case 7 -> new NotLeader();
            default -> throw new UnknownFormatException("a message about voters has kind " + kind);
          };
        });
  }

  private static void writeChange(VoterChange change, CompactOutput out) throws IOException {
    switch (change) {
      case VoterChange.Add(int nodeId, UUID directoryId) -> {
        out.writeByte(1);
        writeNode(nodeId, directoryId, out);
      }
      case VoterChange.Remove(int nodeId, UUID directoryId) -> {
        out.writeByte(2);
        writeNode(nodeId, directoryId, out);
      }
    }
  }

  private static void writeNode(int nodeId, @Nullable UUID directoryId, CompactOutput out)
      throws IOException {
    out.writeUnsigned(nodeId);
    out.writeBoolean(directoryId != null);
    if (directoryId != null) {
      out.writeUuid(directoryId);
    }
  }

  private static VoterChange readChange(CompactInput in) throws IOException {
    int kind = in.readByte();
    int nodeId = in.readUnsignedInt();
    UUID directoryId = in.readBoolean() ? in.readUuid() : null;
    return switch (kind) {
      case 1 -> new VoterChange.Add(nodeId, directoryId);
      case 2 -> new VoterChange.Remove(nodeId, directoryId);
      default -> throw new UnknownFormatException("a change of voters has kind " + kind);
    };
  }

  private static int number(VoterChange.Error error) {
    return switch (error) {
      case NONE -> 0;
      case DUPLICATE_VOTER -> 1;
      case VOTER_NOT_FOUND -> 2;
      case NOT_REACHABLE -> 3;
      case NO_LIVE_MAJORITY -> 4;
      case IN_PROGRESS -> 5;
      case UNKNOWN_OUTCOME -> 6;
    };
  }

  private static VoterChange.Error error(int number) {
    for (VoterChange.Error error : VoterChange.Error.values()) {
      if (number(error) == number) {
        return error;
      }
    }
    throw new UnknownFormatException("a change of voters ended with " + number);
  }
}
