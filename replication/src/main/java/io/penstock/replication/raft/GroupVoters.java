package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SetConfigurationRequest.Mode;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who votes in a group: what this member knows of them, and their change. A change always compares
 * and sets complete lists: Ratis' ADD drops what it is not told of. Any thread may call it.
 */
final class GroupVoters {

  private static final Logger LOG = LoggerFactory.getLogger(GroupVoters.class);

  /** The first call waits for the target to catch up, and may find the leader changed meanwhile. */
  private static final int TRANSFERS_MAX = 3;

  private static final long TRANSFER_TIMEOUT_MS = 2_000;

  private final String group;
  private final RaftServer server;
  private final RaftGroupId id;

  GroupVoters(String group, RaftServer server, RaftGroupId id) {
    this.group = group;
    this.server = server;
    this.id = id;
  }

  List<Member> list() {
    try {
      return PeerNames.membersOf(server.getDivision(id).getRaftConf());
    } catch (IOException _) {
      return List.of(); // closed
    }
  }

  /** Empty where this node does not lead, or has just begun or ceased to. */
  Optional<GroupMembers> members() {
    try {
      RaftServer.Division division = server.getDivision(id);
      long term = division.getInfo().getCurrentTerm();
      long[] matched = division.getInfo().getFollowerMatchIndices();
      List<ServerRpcProto> followers =
          division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
      if (matched == null || matched.length != followers.size()) {
        return Optional.empty();
      }
      long nowMs = System.currentTimeMillis();
      List<GroupMembers.Progress> voters = new ArrayList<>();
      for (Member member : PeerNames.membersOf(division.getRaftConf())) {
        RaftPeerId peer = PeerNames.idOf(member);
        if (peer.equals(server.getId())) {
          long last = division.getRaftLog().getFlushIndex();
          voters.add(new GroupMembers.Progress(member, last, nowMs));
        }
        for (int i = 0; i < matched.length; i++) {
          ServerRpcProto follower = followers.get(i);
          if (peer.equals(RaftPeerId.valueOf(follower.getId().getId()))) {
            voters.add(
                new GroupMembers.Progress(
                    member, matched[i], nowMs - follower.getLastRpcElapsedTimeMs()));
          }
        }
      }
      return Optional.of(
          new GroupMembers(
              PeerNames.nodeIdOf(server.getId()),
              term,
              division.getRaftLog().getLastCommittedIndex(),
              voters));
    } catch (IOException _) {
      return Optional.empty(); // closed
    }
  }

  CompletionStage<VotersOutcome> change(List<Member> expected, List<Member> wanted) {
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            ClientId.randomId(),
            server.getId(),
            id,
            CallId.getAndIncrement(),
            SetConfigurationRequest.Arguments.newBuilder()
                .setMode(Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(PeerNames.peersOf(expected))
                .setServersInNewConf(PeerNames.peersOf(wanted))
                .build());
    LOG.info("voters are to change group={} from={} to={}", group, expected, wanted);
    CompletableFuture<RaftClientReply> reply;
    try {
      reply = server.setConfigurationAsync(request);
    } catch (IOException | RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    return reply.handle((answer, failure) -> {
      VotersOutcome outcome = outcome(answer, failure);
      LOG.info("change of voters has ended group={} outcome={}", group, outcome);
      return outcome;
    });
  }

  private static VotersOutcome outcome(
      @Nullable RaftClientReply answer, @Nullable Throwable failure) {
    if (answer != null && answer.isSuccess()) {
      return VotersOutcome.DONE;
    }
    Throwable cause = answer == null ? Failures.causeOf(failure) : answer.getException();
    VotersOutcome.Kind kind =
        switch (cause) {
          case NotLeaderException _ -> VotersOutcome.Kind.NOT_LEADER;
          case LeaderNotReadyException _ -> VotersOutcome.Kind.NOT_LEADER;
          case ReconfigurationInProgressException _ -> VotersOutcome.Kind.IN_PROGRESS;
          case ReconfigurationTimeoutException _ -> VotersOutcome.Kind.NOT_CAUGHT_UP;
          case SetConfigurationException _ -> VotersOutcome.Kind.CHANGED;
          case null, default -> VotersOutcome.Kind.UNKNOWN;
        };
    return new VotersOutcome(kind, String.valueOf(cause == null ? null : cause.getMessage()));
  }

  CompletionStage<Boolean> transferLeadership(int nodeId) {
    for (Member member : list()) {
      if (member.nodeId() == nodeId) {
        return transfer(PeerNames.peerOf(member), TRANSFERS_MAX);
      }
    }
    return CompletableFuture.completedFuture(false);
  }

  private CompletionStage<Boolean> transfer(RaftPeer target, int triesLeft) {
    CompletableFuture<RaftClientReply> reply;
    try {
      if (target.getId().equals(server.getDivision(id).getInfo().getLeaderId())) {
        return CompletableFuture.completedFuture(true);
      }
      reply =
          server.transferLeadershipAsync(
              new TransferLeadershipRequest(
                  ClientId.randomId(),
                  server.getId(),
                  id,
                  CallId.getAndIncrement(),
                  target.getId(),
                  TRANSFER_TIMEOUT_MS));
    } catch (IOException | RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    return reply
        .handle((answer, failure) -> {
          if (answer != null && answer.isSuccess()) {
            return CompletableFuture.completedStage(true);
          }
          Throwable cause = answer == null ? Failures.causeOf(failure) : answer.getException();
          LOG.info("leadership was not handed over group={} to={}", group, target.getId(), cause);
          return triesLeft <= 1 || cause instanceof NotLeaderException
              ? CompletableFuture.completedStage(false)
              : transfer(target, triesLeft - 1);
        })
        .thenCompose(outcome -> outcome);
  }
}
