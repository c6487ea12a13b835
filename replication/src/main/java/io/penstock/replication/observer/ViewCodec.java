package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What messages about groups have in common, in bytes. */
public final class ViewCodec {

  private ViewCodec() {}

  public static void writeView(GroupView view, CompactOutput out) throws IOException {
    out.writeSigned(view.leaderId());
    out.writeUnsigned(view.term());
    writeMembers(view.voters(), out);
  }

  public static GroupView readView(CompactInput in) throws IOException {
    return new GroupView(in.readSignedInt(), in.readUnsigned(), readMembers(in));
  }

  public static void writeMembers(List<Member> members, CompactOutput out) throws IOException {
    out.writeUnsigned(members.size());
    for (Member member : members) {
      writeMember(member, out);
    }
  }

  public static List<Member> readMembers(CompactInput in) throws IOException {
    int count = in.readCount();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(readMember(in));
    }
    return members;
  }

  public static void writeMember(Member member, CompactOutput out) throws IOException {
    out.writeUnsigned(member.nodeId());
    out.writeUuid(member.directoryId());
    AddressCodec.write(member.address(), out);
  }

  public static Member readMember(CompactInput in) throws IOException {
    return new Member(in.readUnsignedInt(), in.readUuid(), AddressCodec.read(in));
  }

  public static void writePosition(Position position, CompactOutput out) throws IOException {
    out.writeUnsigned(position.term());
    out.writeSigned(position.index());
  }

  public static Position readPosition(CompactInput in) throws IOException {
    return new Position(in.readUnsigned(), in.readSigned());
  }
}
