package io.penstock.replication.raft;

import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.ProtoUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elections without waiting for a timer. Ratis lets a leader that hands over tell its successor to
 * stand at once; here the successor tells itself, in the name of the leader that it knew. It then
 * asks for votes in a new term as always, so that a wrong guess costs an election and nothing else.
 */
final class Elections {

  private static final Logger LOG = LoggerFactory.getLogger(Elections.class);

  private Elections() {}

  /** Lets this member stand now; false where it may not, and its timer decides. */
  static boolean stand(RaftServer server, RaftGroupId id) throws IOException {
    RaftServer.Division division = server.getDivision(id);
    RaftPeerId leader = division.getInfo().getLeaderId();
    TermIndex last = division.getRaftLog().getLastEntryTermIndex();
    // To Ratis an empty log is as good as (0, 0) here.
    TermIndex told = last == null ? TermIndex.valueOf(0, 0) : last;
    StartLeaderElectionRequestProto request =
        StartLeaderElectionRequestProto.newBuilder()
            .setServerRequest(
                RaftRpcRequestProto.newBuilder()
                    .setRequestorId((leader == null ? server.getId() : leader).toByteString())
                    .setReplyId(server.getId().toByteString())
                    .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(id))
                    .setCallId(CallId.getAndIncrement()))
            .setLeaderLastEntry(told.toProto())
            .build();
    boolean standing = server.startLeaderElection(request).getServerReply().getSuccess();
    LOG.info("stands for election at once member={} standing={}", division.getMemberId(), standing);
    return standing;
  }
}
