package io.penstock.replication.raft;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;

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
    // While voters change, both the new ones and the former ones have to agree.
    RaftConfiguration configuration = division.getRaftConf();
    long silentMs =
        Math.max(
            silentMs(server.getId(), role, configuration.getCurrentPeers()),
            silentMs(server.getId(), role, configuration.getPreviousPeers()));
    // Before its first answer Ratis has a follower as silent for long.
    return Math.min(role.getRoleElapsedTimeMs(), silentMs);
  }

  private static long silentMs(
      RaftPeerId leader, RoleInfoProto role, Collection<RaftPeer> configured) {
    Set<RaftPeerId> voters = idsOf(configured);
    int missing = voters.size() / 2 + 1 - (voters.contains(leader) ? 1 : 0);
    if (voters.isEmpty() || missing <= 0) {
      return 0;
    }
    long[] silentMs =
        role.getLeaderInfo().getFollowerInfoList().stream()
            .filter(follower -> voters.contains(RaftPeerId.valueOf(follower.getId().getId())))
            .mapToLong(ServerRpcProto::getLastRpcElapsedTimeMs)
            .sorted()
            .toArray();
    return silentMs.length < missing ? NEVER_MS : silentMs[missing - 1];
  }

  /** As {@link #silentMs}, but that the time between two heartbeats of Ratis is no silence. */
  static long overdueMs(RaftServer server, RaftGroupId id) throws IOException {
    long silentMs = silentMs(server, id);
    if (silentMs == NEVER_MS) {
      return NEVER_MS;
    }
    long heartbeatMs =
        RaftServerConfigKeys.Rpc.timeoutMin(server.getProperties()).toLong(TimeUnit.MILLISECONDS)
            / 2;
    return Math.max(0, silentMs - heartbeatMs);
  }

  private static Set<RaftPeerId> idsOf(Collection<RaftPeer> peers) {
    Set<RaftPeerId> ids = new HashSet<>();
    peers.forEach(peer -> ids.add(peer.getId()));
    return ids;
  }
}
