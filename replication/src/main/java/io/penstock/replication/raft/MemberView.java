package io.penstock.replication.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import org.apache.ratis.proto.RaftProtos.FollowerInfoProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * How a group looks to one of its members: what voters ask each other of before one of them stands.
 *
 * @param lastTerm of the last entry of its log, with {@code lastIndex}
 * @param leaderId whom it follows, or {@link GroupRole#NOBODY}
 * @param silentMs since it heard of that leader; 0 where it leads itself, or is busy with what it
 *     heard
 */
record MemberView(int nodeId, long lastTerm, long lastIndex, int leaderId, long silentMs) {

  private static final int BYTES = Integer.BYTES + 2 * Long.BYTES + Integer.BYTES + Long.BYTES;

  static MemberView of(RaftServer server, RaftGroupId id) throws IOException {
    RaftServer.Division division = server.getDivision(id);
    TermIndex entry = division.getRaftLog().getLastEntryTermIndex();
    TermIndex last = entry == null ? TermIndex.INITIAL_VALUE : entry;
    RaftPeerId leader = division.getInfo().getLeaderId();
    RoleInfoProto role = division.getInfo().getRoleInfoProto();
    FollowerInfoProto follower = role.getFollowerInfo();
    return new MemberView(
        PeerNames.nodeIdOf(server.getId()),
        last.getTerm(),
        last.getIndex(),
        leader == null ? GroupRole.NOBODY : PeerNames.nodeIdOf(leader),
        role.hasFollowerInfo() && follower.getOutstandingOp() == 0
            ? follower.getLeaderInfo().getLastRpcElapsedTimeMs()
            : 0);
  }

  static MemberView decode(byte[] bytes) {
    if (bytes.length < BYTES) {
      throw new IllegalArgumentException("not the view of a member: " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new MemberView(in.getInt(), in.getLong(), in.getLong(), in.getInt(), in.getLong());
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .putInt(nodeId)
        .putLong(lastTerm)
        .putLong(lastIndex)
        .putInt(leaderId)
        .putLong(silentMs)
        .array();
  }

  /**
   * Whether this member should stand against a leader, and after how many others that are better
   * placed: those with a longer log, or the same and a lower node id. Empty where one of the others
   * follows a new leader, or where those that are without theirs are no majority.
   *
   * @param others that answered; not the suspect
   * @param silentMs how long the suspect has to have been silent to each; 0 where it is known that
   *     its process is gone
   */
  OptionalInt placeAgainst(int suspect, List<MemberView> others, int voters, long silentMs) {
    int without = 1;
    int better = 0;
    for (MemberView other : others) {
      if (other.leaderId != GroupRole.NOBODY && other.leaderId != suspect) {
        return OptionalInt.empty();
      }
      if (other.leaderId == GroupRole.NOBODY || other.silentMs >= silentMs) {
        without++;
        better += other.isBetterThan(this) ? 1 : 0;
      }
    }
    return without > voters / 2 ? OptionalInt.of(better) : OptionalInt.empty();
  }

  private boolean isBetterThan(MemberView that) {
    if (lastTerm != that.lastTerm) {
      return lastTerm > that.lastTerm;
    }
    return lastIndex != that.lastIndex ? lastIndex > that.lastIndex : nodeId < that.nodeId;
  }
}
