package io.penstock.replication.raft;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * The transport of Raft: the peer protocol of the nodes, see {@link PeerTransport}. Ratis makes it
 * by name, so it is public.
 */
public final class PeerRpcType implements RpcType {

  private static final String TRANSPORT = "penstock.transport";

  static Parameters parametersOf(PeerTransport transport) {
    Parameters parameters = new Parameters();
    parameters.put(TRANSPORT, transport, PeerTransport.class);
    return parameters;
  }

  @Override
  public String name() {
    return "PEER";
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(TRANSPORT, PeerTransport.class));
  }

  private record Factory(RpcType type, PeerTransport transport) implements ServerFactory {
    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new PeerLogAppender(server, state, follower, transport.appenders());
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      transport.attach(server);
      return new PeerRpc(type, transport);
    }
  }
}
