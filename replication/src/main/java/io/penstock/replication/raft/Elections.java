package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
 * Elections by evidence: a voter that knows that its leader's process is gone does not wait for its
 * timer. It first asks the others how far their logs go, so that of several survivors the one that
 * can win stands at once, and the others only if nothing came of that.
 *
 * <p>Ratis lets a leader that hands over tell its successor to stand; here the successor tells
 * itself, in the name of the leader that it knew. It then asks for votes in a new term as always:
 * wrong evidence costs an election, and nothing else. Everything runs on the host's timer.
 */
final class Elections {

  private static final Logger LOG = LoggerFactory.getLogger(Elections.class);

  /** Longer than an election takes among those that answer. */
  private static final long STAGGER_MS = 300;

  private static final long ASK_TIMEOUT_MS = 200;

  /** Evidence against a leader is followed at most this often, however much of it there is. */
  private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

  private final RaftServer server;
  private final PeerTransport transport;
  private final ScheduledExecutorService timer;
  private final Map<RaftGroupId, Long> followedNs = new HashMap<>();

  Elections(RaftServer server, PeerTransport transport, ScheduledExecutorService timer) {
    this.server = server;
    this.transport = transport;
    this.timer = timer;
  }

  /** Follows evidence that a node's process is gone, in a group that it may lead. */
  void suspect(RaftGroupId id, RatisGroup<?, ?, ?> group, int nodeId) {
    GroupRole role = group.role();
    if (role.leaderId() != nodeId || role.leaderHere()) {
      return;
    }
    long nowNs = System.nanoTime();
    Long last = followedNs.get(id);
    if (last != null && nowNs - last < PAUSE_NS) {
      return;
    }
    followedNs.put(id, nowNs);
    List<Member> voters = group.voters();
    List<CompletableFuture<TermIndex>> asked = new ArrayList<>();
    List<RaftPeerId> others = new ArrayList<>();
    for (Member voter : voters) {
      RaftPeerId peer = PeerNames.idOf(voter);
      if (voter.nodeId() != nodeId && !peer.equals(server.getId())) {
        others.add(peer);
        asked.add(transport.askLogEnd(server.getId(), peer, id, ASK_TIMEOUT_MS));
      }
    }
    var _ =
        CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0]))
            .whenComplete((_, _) -> onTimer(0, () -> decide(id, group, role, others, asked)));
  }

  private void decide(
      RaftGroupId id,
      RatisGroup<?, ?, ?> group,
      GroupRole suspected,
      List<RaftPeerId> others,
      List<CompletableFuture<TermIndex>> asked) {
    TermIndex own = lastEntry(id);
    int alive = 1;
    int better = 0;
    for (int i = 0; i < asked.size(); i++) {
      CompletableFuture<TermIndex> answer = asked.get(i);
      if (answer.isDone() && !answer.isCompletedExceptionally()) {
        alive++;
        int order = answer.join().compareTo(own);
        boolean before = PeerNames.nodeIdOf(others.get(i)) < PeerNames.nodeIdOf(server.getId());
        better += order > 0 || (order == 0 && before) ? 1 : 0;
      }
    }
    int voters = group.voters().size();
    if (alive <= voters / 2) {
      LOG.info(
          "the leader is gone, and too few voters are left group={} leader={} alive={} voters={}",
          group.name(),
          suspected.leaderId(),
          alive,
          voters);
      return;
    }
    onTimer(better * STAGGER_MS, () -> standAgainst(id, group, suspected));
  }

  private void standAgainst(RaftGroupId id, RatisGroup<?, ?, ?> group, GroupRole suspected) {
    if (!group.role().equals(suspected)) {
      return; // somebody else stood, or the leader was heard of in a new term
    }
    try {
      boolean standing = stand(server, id);
      LOG.info(
          "the leader is gone group={} leader={} term={} standing={}",
          group.name(),
          suspected.leaderId(),
          suspected.term(),
          standing);
    } catch (IOException e) {
      LOG.info("cannot stand for election now group={}", group.name(), e);
    }
  }

  private TermIndex lastEntry(RaftGroupId id) {
    try {
      return logEnd(server, id);
    } catch (IOException _) {
      return TermIndex.INITIAL_VALUE; // closed
    }
  }

  /** The last entry of a log here, or what stands for it. */
  static TermIndex logEnd(RaftServer server, RaftGroupId id) throws IOException {
    TermIndex last = server.getDivision(id).getRaftLog().getLastEntryTermIndex();
    return last == null ? TermIndex.INITIAL_VALUE : last;
  }

  /** Lets this member stand now; false where it may not, and its timer decides. */
  static boolean stand(RaftServer server, RaftGroupId id) throws IOException {
    RaftPeerId leader = server.getDivision(id).getInfo().getLeaderId();
    TermIndex last = server.getDivision(id).getRaftLog().getLastEntryTermIndex();
    // To Ratis an empty log is as good as (0, 0) here.
    TermIndex told = last == null ? TermIndex.valueOf(0, 0) : last;
    StartLeaderElectionRequestProto request =
        StartLeaderElectionRequestProto.newBuilder()
            .setServerRequest(header(leader == null ? server.getId() : leader, server.getId(), id))
            .setLeaderLastEntry(told.toProto())
            .build();
    return server.startLeaderElection(request).getServerReply().getSuccess();
  }

  /** What each message of Raft begins with. */
  static RaftRpcRequestProto header(RaftPeerId from, RaftPeerId to, RaftGroupId group) {
    return RaftRpcRequestProto.newBuilder()
        .setRequestorId(from.toByteString())
        .setReplyId(to.toByteString())
        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(group))
        .setCallId(CallId.getAndIncrement())
        .build();
  }

  private void onTimer(long delayMs, Runnable task) {
    try {
      var _ = timer.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // closed
    }
  }
}
