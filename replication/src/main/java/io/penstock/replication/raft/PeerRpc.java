package io.penstock.replication.raft;

import io.penstock.replication.raft.PeerTransport.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServerRpc;

/** What Ratis calls to ask the other members; each call blocks a thread of Ratis until answered. */
record PeerRpc(RpcType type, PeerTransport transport) implements RaftServerRpc {

  @Override
  public void start() {
    // The node's peer listener is open already; PeerTransport.open lets requests through.
  }

  @Override
  public InetSocketAddress getInetSocketAddress() {
    return InetSocketAddress.createUnresolved("127.0.0.1", 0); // the configuration tells addresses
  }

  @Override
  public RpcType getRpcType() {
    return type;
  }

  @Override
  public void addRaftPeers(Collection<RaftPeer> peers) {
    transport.learn(peers);
  }

  @Override
  public void handleException(RaftPeerId serverId, Exception e, boolean reconnect) {
    // The network makes its connections anew by itself.
  }

  @Override
  public void close() {
    transport.close();
  }

  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    RequestVoteReplyProto reply =
        RequestVoteReplyProto.parseFrom(
            transport.ask(Kind.VOTE, request.getServerRequest(), request));
    if (reply.getShouldShutdown()) {
      transport.removedFrom(request.getServerRequest());
    }
    return reply;
  }

  @Override
  public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
      throws IOException {
    return AppendEntriesReplyProto.parseFrom(
        transport.ask(Kind.APPEND, request.getServerRequest(), request));
  }

  @Override
  public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
      throws IOException {
    return InstallSnapshotReplyProto.parseFrom(
        transport.ask(Kind.SNAPSHOT, request.getServerRequest(), request));
  }

  @Override
  public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
      throws IOException {
    return StartLeaderElectionReplyProto.parseFrom(
        transport.ask(Kind.STAND, request.getServerRequest(), request));
  }
}
