package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
 * Elections by evidence: a voter that knows that its leader's process is gone, or that has not
 * heard of it for too long, does not wait for the timer of Ratis. It first asks the others how they
 * see it, so that of several survivors the one that can win stands at once, and the others only if
 * nothing came of that; on silence it goes by a majority only.
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

  /** The others may be too busy to answer just when a leader has died. */
  private static final long ASK_AGAIN_MS = 100;

  private static final long ASK_AGAIN_FOR_NS = TimeUnit.SECONDS.toNanos(5);

  private final RaftServer server;
  private final PeerTransport transport;
  private final ScheduledExecutorService timer;
  private final long silentMs;

  /** What was followed last; it holds up nothing that speaks against a later leader. */
  private final Map<RaftGroupId, Followed> followed = new HashMap<>();

  private record Followed(GroupRole suspected, long silentForMs, long ns) {

    /** Of evidence that a process is gone one is told once, so silence does not hold it up. */
    boolean holdsUp(GroupRole other, long otherSilentForMs, long nowNs) {
      return suspected.equals(other) && silentForMs <= otherSilentForMs && nowNs - ns < PAUSE_NS;
    }
  }

  /**
   * What speaks against a leader.
   *
   * @param silentForMs how long it has to have been silent to the others; 0 where its process is
   *     known to be gone
   */
  private record Suspicion(
      RaftGroupId id, RatisGroup<?, ?, ?> group, GroupRole suspected, long silentForMs, long ns) {

    /** Told of once only, where silence is looked for again and again. */
    boolean isOfOneGone() {
      return silentForMs == 0;
    }

    boolean isOpen() {
      return group.role().equals(suspected);
    }
  }

  /**
   * @param silentMs for so long a leader may be silent
   */
  Elections(
      RaftServer server, PeerTransport transport, ScheduledExecutorService timer, long silentMs) {
    this.server = server;
    this.silentMs = silentMs;
    this.transport = transport;
    this.timer = timer;
  }

  /** Follows evidence that a node's process is gone, in a group that it may lead. */
  void suspect(RaftGroupId id, RatisGroup<?, ?, ?> group, int nodeId) {
    GroupRole role = group.role();
    if (role.leaderId() == nodeId && !role.leaderHere()) {
      follow(id, group, role, 0);
    }
  }

  /**
   * Looks how long the leader has been silent: Ratis alone, whose timer looks once in one to two
   * seconds, would notice after up to four. Where there is none, since an election has failed, only
   * that timer can help: Ratis lets nobody stand by hand whose log has no entry of the term.
   */
  void watch(RaftGroupId id, RatisGroup<?, ?, ?> group) throws IOException {
    GroupRole role = group.role();
    if (role.leaderId() != GroupRole.NOBODY
        && !role.leaderHere()
        && MemberView.of(server, id).silentMs() >= silentMs * 3 / 2) {
      follow(id, group, role, silentMs);
    }
  }

  private void follow(
      RaftGroupId id, RatisGroup<?, ?, ?> group, GroupRole suspected, long silentForMs) {
    long nowNs = System.nanoTime();
    Followed last = followed.get(id);
    if (last == null || !last.holdsUp(suspected, silentForMs, nowNs)) {
      askOthers(new Suspicion(id, group, suspected, silentForMs, nowNs));
    }
  }

  private void askOthers(Suspicion suspicion) {
    followed.put(
        suspicion.id, new Followed(suspicion.suspected, suspicion.silentForMs, System.nanoTime()));
    List<CompletableFuture<MemberView>> asked = new ArrayList<>();
    for (Member voter : suspicion.group.voters()) {
      RaftPeerId peer = PeerNames.idOf(voter);
      if (voter.nodeId() != suspicion.suspected.leaderId() && !peer.equals(server.getId())) {
        asked.add(transport.askView(server.getId(), peer, suspicion.id, ASK_TIMEOUT_MS));
      }
    }
    var _ =
        CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0]))
            .whenComplete((_, _) -> onTimer(0, () -> decide(suspicion, asked)));
  }

  private void decide(Suspicion suspicion, List<CompletableFuture<MemberView>> asked) {
    List<MemberView> others =
        asked.stream()
            .filter(answer -> answer.isDone() && !answer.isCompletedExceptionally())
            .map(CompletableFuture::join)
            .toList();
    int voters = suspicion.group.voters().size();
    try {
      MemberView own = MemberView.of(server, suspicion.id);
      OptionalInt place =
          own.placeAgainst(suspicion.suspected.leaderId(), others, voters, suspicion.silentForMs);
      LOG.info(
          "the leader is missed group={} leader={} silentMs={} place={} others={}",
          suspicion.group.name(),
          suspicion.suspected.leaderId(),
          own.silentMs(),
          place,
          others);
      if (place.isPresent()) {
        onTimer(place.getAsInt() * STAGGER_MS, () -> stand(suspicion));
      } else if (suspicion.isOfOneGone() && others.size() < voters / 2) {
        onTimer(ASK_AGAIN_MS, () -> askAgain(suspicion));
      }
    } catch (IOException e) {
      LOG.info("cannot stand for election now group={}", suspicion.group.name(), e);
    }
  }

  private void askAgain(Suspicion suspicion) {
    if (suspicion.isOpen() && System.nanoTime() - suspicion.ns < ASK_AGAIN_FOR_NS) {
      askOthers(suspicion);
    }
  }

  private void stand(Suspicion suspicion) {
    if (!suspicion.isOpen()) {
      return; // somebody else stood, or the leader was heard of in a new term
    }
    try {
      boolean standing = stand(server, suspicion.id);
      LOG.info(
          "the leader is gone group={} leader={} term={} standing={}",
          suspicion.group.name(),
          suspicion.suspected.leaderId(),
          suspicion.suspected.term(),
          standing);
    } catch (IOException e) {
      LOG.info("cannot stand for election now group={}", suspicion.group.name(), e);
    }
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
