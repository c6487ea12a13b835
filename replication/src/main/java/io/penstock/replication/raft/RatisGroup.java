package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.raft.RatisStateMachine.LocalResult;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/** A group hosted by this process. Commands go to the Raft server without a network hop. */
final class RatisGroup<I, C, R> implements HostedGroup<I, C, R> {

  private final String name;
  private final Member self;
  private final GroupListener<I> listener;
  private final RatisStateMachine<I, C, R> stateMachine;
  private volatile @Nullable Place place;
  private volatile boolean removed;
  private GroupRole told = GroupRole.UNKNOWN; // on the host's timer only

  /** Where the group is hosted, once it is. */
  private record Place(RaftServer server, RaftGroupId id, GroupVoters voters) {}

  RatisGroup(
      String name,
      Member self,
      GroupListener<I> listener,
      RatisStateMachine<I, C, R> stateMachine) {
    this.name = name;
    this.self = self;
    this.listener = listener;
    this.stateMachine = stateMachine;
  }

  String name() {
    return name;
  }

  RatisStateMachine<I, C, R> stateMachine() {
    return stateMachine;
  }

  void attach(RaftServer server, RaftGroupId id) {
    place = new Place(server, id, new GroupVoters(name, server, id));
  }

  boolean isRemoved() {
    return removed;
  }

  /** The others have agreed to go on without this node. On the host's timer. */
  void remove() {
    if (!removed) {
      removed = true;
      tellRole();
      listener.removed();
    }
  }

  /** Tells the listener where the role is another than it was told of. On the host's timer. */
  void tellRole() {
    GroupRole now = role();
    if (!now.equals(told)) {
      told = now;
      listener.roleChanged(now);
    }
  }

  @Override
  public I image() {
    return stateMachine.image();
  }

  @Override
  public Position applied() {
    return stateMachine.applied();
  }

  @Override
  public GroupRole role() {
    Place at = place;
    if (at == null || removed) {
      return GroupRole.UNKNOWN;
    }
    try {
      DivisionInfo info = at.server.getDivision(at.id).getInfo();
      RaftPeerId leader = info.getLeaderId();
      return new GroupRole(
          leader == null ? GroupRole.NOBODY : PeerNames.nodeIdOf(leader),
          info.getCurrentTerm(),
          info.isLeaderReady());
    } catch (IOException _) {
      return GroupRole.UNKNOWN; // closed
    }
  }

  @Override
  public long majorityOverdueMs() {
    Place at = place;
    if (at == null || removed) {
      return MajorityContact.NEVER_MS;
    }
    try {
      return MajorityContact.overdueMs(at.server, at.id);
    } catch (IOException _) {
      return MajorityContact.NEVER_MS; // closed
    }
  }

  @Override
  public CompletionStage<Submission<R>> submit(UUID proposer, long callId, byte[] command) {
    if (command.length > COMMAND_BYTES_MAX) {
      return CompletableFuture.failedFuture(
          new CommandTooLargeException(
              "a command has " + command.length + " bytes, more than " + COMMAND_BYTES_MAX));
    }
    Place at = place;
    if (at == null) {
      return CompletableFuture.failedFuture(unavailable("is not started", null));
    }
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(ClientId.valueOf(proposer))
            .setServerId(at.server.getId())
            .setGroupId(at.id)
            .setCallId(callId)
            .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(command)))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    CompletableFuture<RaftClientReply> reply;
    try {
      reply = at.server.submitClientRequestAsync(request);
    } catch (IOException | RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    return reply.handle(this::outcome);
  }

  @SuppressWarnings("unchecked") // the state machine of this group made the result
  private Submission<R> outcome(@Nullable RaftClientReply reply, @Nullable Throwable failure) {
    if (reply != null && reply.isSuccess()) {
      if (reply.getMessage() instanceof LocalResult(Object result)) {
        return new Submission.Applied<>(reply.getLogIndex(), (R) result);
      }
      throw unavailable("applied the command, but its answer is lost", null);
    }
    Throwable cause = reply == null ? Failures.causeOf(failure) : reply.getException();
    if (cause instanceof NotLeaderException notLeader) {
      return new Submission.NotLeader<>(
          notLeader.getSuggestedLeader() == null
              ? GroupRole.NOBODY
              : PeerNames.nodeIdOf(notLeader.getSuggestedLeader().getId()));
    }
    if (cause instanceof AlreadyClosedException || !(cause instanceof RaftException)) {
      throw unavailable("does not take commands", cause);
    }
    return new Submission.Retry<>(cause.toString());
  }

  @Override
  public List<Member> voters() {
    Place at = place;
    return at == null ? List.of() : at.voters.list().stream().map(this::asItIsNow).toList();
  }

  /** Of this member's own address the node knows better: the port may be another at each start. */
  private Member asItIsNow(Member voter) {
    boolean isSelf =
        voter.nodeId() == self.nodeId() && voter.directoryId().equals(self.directoryId());
    return isSelf ? self : voter;
  }

  @Override
  public Optional<GroupMembers> members() {
    Place at = place;
    return at == null || !role().leaderHere() ? Optional.empty() : at.voters.members();
  }

  /** Which voter had best lead instead of this node; empty where this does not lead, or alone. */
  Optional<Integer> successor() {
    return members()
        .flatMap(members ->
            members.voters().stream()
                .filter(voter -> voter.member().nodeId() != members.leaderId())
                .max(
                    Comparator.comparingLong(GroupMembers.Progress::matchIndex)
                        .thenComparingLong(GroupMembers.Progress::lastContactMs))
                .map(voter -> voter.member().nodeId()));
  }

  @Override
  public CompletionStage<VotersOutcome> setVoters(List<Member> expected, List<Member> wanted) {
    Place at = place;
    return at == null
        ? CompletableFuture.failedFuture(unavailable("is not started", null))
        : at.voters.change(expected, wanted);
  }

  @Override
  public CompletionStage<Boolean> transferLeadership(int nodeId) {
    Place at = place;
    return at == null
        ? CompletableFuture.completedFuture(false)
        : at.voters.transferLeadership(nodeId);
  }

  private ControlUnavailableException unavailable(String what, @Nullable Throwable cause) {
    return new ControlUnavailableException("group '" + name + "' " + what, cause);
  }
}
