package io.penstock.replication.cluster;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.ViewCodec;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What one voter knows of those who follow a group.
 *
 * @param leads whether it leads; only then the committed index and the voters' positions are told
 * @param observers those that it has heard of
 */
record StatusAnswer(
    boolean leads,
    GroupView view,
    long committedIndex,
    List<GroupStatus.Member> voters,
    List<GroupStatus.Member> observers) {

  private static final int VERSION = 1;

  StatusAnswer {
    voters = List.copyOf(voters);
    observers = List.copyOf(observers);
  }

  static byte[] encodeRequest(int group) {
    return CompactBytes.write(VERSION, out -> out.writeUnsigned(group));
  }

  static int decodeRequest(byte[] bytes) {
    return CompactBytes.read(VERSION, bytes, CompactInput::readUnsignedInt);
  }

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeBoolean(leads);
          ViewCodec.writeView(view, out);
          out.writeSigned(committedIndex);
          writeMembers(voters, out);
          writeMembers(observers, out);
        });
  }

  static StatusAnswer decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in ->
            new StatusAnswer(
                in.readBoolean(),
                ViewCodec.readView(in),
                in.readSigned(),
                readMembers(in),
                readMembers(in)));
  }

  private static void writeMembers(List<GroupStatus.Member> members, CompactOutput out)
      throws IOException {
    out.writeUnsigned(members.size());
    for (GroupStatus.Member member : members) {
      out.writeUnsigned(member.nodeId());
      out.writeUuid(member.directoryId());
      out.writeBoolean(member.address() != null);
      if (member.address() != null) {
        AddressCodec.write(member.address(), out);
      }
      out.writeSigned(member.lastIndex());
      out.writeSigned(member.lastContactMs());
      out.writeSigned(member.lastCaughtUpMs());
    }
  }

  private static List<GroupStatus.Member> readMembers(CompactInput in) throws IOException {
    int count = in.readCount();
    List<GroupStatus.Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(
          new GroupStatus.Member(
              in.readUnsignedInt(),
              in.readUuid(),
              in.readBoolean() ? AddressCodec.read(in) : null,
              in.readSigned(),
              in.readSigned(),
              in.readSigned()));
    }
    return members;
  }
}
