package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a Raft server with its groups to life. Used by the thread that starts the node. */
final class GroupOpener {

  private static final Logger LOG = LoggerFactory.getLogger(GroupOpener.class);

  private final RaftSettings settings;
  private final LogLimits limits;
  private final PeerTransport transport;
  private final Map<RaftGroupId, RatisGroup<?, ?, ?>> groups;
  private final RaftPeerId peerId;

  GroupOpener(
      RaftSettings settings,
      LogLimits limits,
      PeerTransport transport,
      Map<RaftGroupId, RatisGroup<?, ?, ?>> groups) {
    this.settings = settings;
    this.limits = limits;
    this.transport = transport;
    this.groups = groups;
    this.peerId = PeerNames.idOf(settings.self());
  }

  /** Makes the groups; without voters they wait until their leader adds this member. */
  RaftServer begin(List<Member> voters) throws IOException {
    groups.values().forEach(group -> group.stateMachine().beginWith(voters));
    return open(StartupOption.FORMAT, voters);
  }

  /** Opens what is on disk; who votes is found there. */
  RaftServer recover() throws IOException {
    return open(StartupOption.RECOVER, List.of());
  }

  private RaftServer open(StartupOption option, List<Member> voters) throws IOException {
    RaftServer built = null;
    try {
      // Ratis takes one group here; of those on disk it finds the others by itself.
      built =
          RaftServer.newBuilder()
              .setServerId(peerId)
              .setProperties(RaftPropertiesBuilder.build(settings, limits))
              .setParameters(PeerRpcType.parametersOf(transport))
              .setStateMachineRegistry(id -> groupOf(id).stateMachine())
              .setGroup(groupOf(groups.keySet().iterator().next(), voters))
              .setOption(option)
              .build();
      built.start();
      if (option == StartupOption.FORMAT) {
        for (RaftGroupId id : groups.keySet().stream().skip(1).toList()) {
          add(built, groupOf(id, voters));
        }
      }
      return built;
    } catch (IOException | RuntimeException e) {
      closeQuietly(built);
      Throwable cause = Failures.causeOf(e);
      throw new IOException(
          "cannot open the Raft groups in "
              + settings.directory()
              + ": "
              + (cause == null ? e : cause).getMessage(),
          cause);
    }
  }

  private void add(RaftServer running, RaftGroup group) throws IOException {
    RaftClientReply reply =
        running.groupManagement(
            GroupManagementRequest.newAdd(
                ClientId.randomId(), peerId, CallId.getAndIncrement(), group, true));
    if (!reply.isSuccess()) {
      throw new IOException("group " + group.getGroupId() + " was not made", reply.getException());
    }
  }

  private RatisGroup<?, ?, ?> groupOf(RaftGroupId id) {
    RatisGroup<?, ?, ?> group = groups.get(id);
    if (group == null) {
      throw new IllegalStateException("the Raft directory holds an unknown group " + id);
    }
    return group;
  }

  private static RaftGroup groupOf(RaftGroupId id, List<Member> voters) {
    return RaftGroup.valueOf(id, PeerNames.peersOf(voters));
  }

  static void closeQuietly(@Nullable RaftServer server) {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (IOException e) {
      LOG.warn("the Raft server did not close cleanly", e);
    }
  }
}
