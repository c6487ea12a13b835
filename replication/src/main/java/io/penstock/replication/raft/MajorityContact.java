package io.penstock.replication.raft;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/** How long a leader has been without answers of its majority: others may lead by then. */
final class MajorityContact {

  /** Of who does not lead. */
  static final long NEVER_MS = Long.MAX_VALUE;

  private MajorityContact() {}

  /**
   * For how many milliseconds fewer than a majority of the voters have answered this member, itself
   * counted; 0 where it is the only voter, {@link #NEVER_MS} where it does not lead. Who was just
   * elected has the votes of a majority.
   */
  static long silentMs(RaftServer server, RaftGroupId id) throws IOException {
    RaftServer.Division division = server.getDivision(id);
    RoleInfoProto role = division.getInfo().getRoleInfoProto();
    if (!role.hasLeaderInfo()) {
      return NEVER_MS;
    }
    Set<RaftPeerId> voters = idsOf(division.getRaftConf().getCurrentPeers());
    int missing = voters.size() / 2 + 1 - (voters.contains(server.getId()) ? 1 : 0);
    if (missing <= 0) {
      return 0;
    }
    long[] silentMs =
        role.getLeaderInfo().getFollowerInfoList().stream()
            .filter(follower -> voters.contains(RaftPeerId.valueOf(follower.getId().getId())))
            .mapToLong(ServerRpcProto::getLastRpcElapsedTimeMs)
            .sorted()
            .toArray();
    // Before its first answer Ratis has a follower as silent for long.
    long leadingMs = role.getRoleElapsedTimeMs();
    return silentMs.length < missing ? leadingMs : Math.min(leadingMs, silentMs[missing - 1]);
  }

  private static Set<RaftPeerId> idsOf(Collection<RaftPeer> peers) {
    Set<RaftPeerId> ids = new HashSet<>();
    peers.forEach(peer -> ids.add(peer.getId()));
    return ids;
  }
}
