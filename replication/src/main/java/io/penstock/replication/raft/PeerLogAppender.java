package io.penstock.replication.raft;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the leader's log to one follower, one message at a time, on a thread that Ratis makes for
 * it. Entries that come meanwhile go together in the next message.
 *
 * <p><i>Why</i> not Ratis' own: a follower would learn what is committed with the next entry or
 * heartbeat only, half a second later; and a follower that is down would fill the log with its
 * failures. Here a commit is told at once, and a loss is told once.
 */
final class PeerLogAppender extends LogAppenderBase {

  private static final Logger LOG = LoggerFactory.getLogger(PeerLogAppender.class);
  private static final long BACK_OFF_MIN_MS = 10;
  private static final long BACK_OFF_MAX_MS = 250;

  private final LogAppenders appenders;
  private long commitTold = RaftLog.INVALID_LOG_INDEX;
  private long backOffMs;
  private boolean lost;

  PeerLogAppender(
      RaftServer.Division server,
      LeaderState leaderState,
      FollowerInfo follower,
      LogAppenders appenders) {
    super(server, leaderState, follower);
    this.appenders = appenders;
  }

  @Override
  public long getCallId() {
    return CallId.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return CallId.getComparator();
  }

  @Override
  public void run() throws InterruptedException, IOException {
    RaftGroupId group = getServer().getMemberId().getGroupId();
    appenders.add(group, this);
    try {
      while (isRunning()) {
        if (shouldSendAppendEntries() || hasCommitToTell()) {
          send();
        }
        if (isRunning() && !hasAppendEntries() && !hasCommitToTell()) {
          getEventAwaitForSignal().await(getHeartbeatWaitTimeMs(), TimeUnit.MILLISECONDS);
        }
        getLeaderState().checkHealth(getFollower());
      }
    } finally {
      appenders.remove(group, this);
    }
  }

  private void send() throws InterruptedException, IOException {
    SnapshotInfo snapshot = shouldInstallSnapshot();
    if (snapshot != null) {
      install(snapshot);
      return;
    }
    boolean commitOnly = !hasAppendEntries() && hasCommitToTell();
    AppendEntriesRequestProto request =
        newAppendEntriesRequest(CallId.getAndIncrement(), commitOnly);
    if (request != null) {
      append(request);
    } else if (hasAppendEntries()) {
      backOff(); // the entry before was purged, and there is no snapshot yet
    }
  }

  /** What is committed, as far as this follower is known to have it. */
  private long commitToTell() {
    return Math.min(getRaftLog().getLastCommittedIndex(), getFollower().getMatchIndex());
  }

  private boolean hasCommitToTell() {
    return commitToTell() > commitTold;
  }

  private void append(AppendEntriesRequestProto request) throws InterruptedException, IOException {
    long commit = Math.min(request.getLeaderCommit(), getFollower().getMatchIndex());
    resetHeartbeatTrigger();
    Timestamp sent = Timestamp.currentTime();
    getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
    AppendEntriesReplyProto reply;
    try {
      reply = getServerRpc().appendEntries(request);
    } catch (RaftRpcException e) {
      lost(e);
      return;
    }
    answered();
    getFollower().updateLastRespondedAppendEntriesSendTime(sent);
    getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
    handle(request, reply, commit);
    getLeaderState().onAppendEntriesReply(this, reply);
  }

  private void handle(AppendEntriesRequestProto request, AppendEntriesReplyProto reply, long commit)
      throws InterruptedException {
    switch (reply.getResult()) {
      case SUCCESS -> {
        commitTold = Math.max(commitTold, commit);
        // A heartbeat says nothing of what is on the follower's disk, see RATIS-2605.
        if (request.getEntriesCount() > 0 && reply.getNextIndex() > getFollower().getNextIndex()) {
          getFollower().updateMatchIndex(reply.getNextIndex() - 1);
          getFollower().increaseNextIndex(reply.getNextIndex());
          getLeaderState().onFollowerSuccessAppendEntries(getFollower());
        }
      }
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case INCONSISTENCY -> {
        learnCommitted(reply.getFollowerCommit());
        long first =
            request.getEntriesCount() > 0
                ? request.getEntries(0).getIndex()
                : RaftLog.INVALID_LOG_INDEX;
        long next = getNextIndexForInconsistency(first, reply.getNextIndex());
        if (next == getFollower().getNextIndex()) {
          backOff(); // the same again: its log worker or a snapshot is in the way for now
        }
        getFollower().setNextIndex(next);
      }
      case UNRECOGNIZED -> backOff();
    }
  }

  /**
   * What the follower has committed it has on its disk, and it is what this leader has: else, where
   * the answer to an entry was lost, the follower would refuse to take that again, nothing could be
   * sent in its place, and the leader would never know that it is there.
   */
  private void learnCommitted(long followerCommit) {
    long known = Math.min(followerCommit, getRaftLog().getLastCommittedIndex());
    if (known > getFollower().getMatchIndex()) {
      getFollower().updateMatchIndex(known);
      getLeaderState().onFollowerSuccessAppendEntries(getFollower());
    }
  }

  private void install(SnapshotInfo snapshot) throws InterruptedException, IOException {
    String node = getFollowerId().toString();
    LOG.info("sends a snapshot to={} index={}", node, snapshot.getIndex());
    InstallSnapshotReplyProto reply = null;
    try {
      for (InstallSnapshotRequestProto part :
          newInstallSnapshotRequests(UUID.randomUUID().toString(), snapshot)) {
        getFollower().updateLastRpcSendTime(false);
        reply = getServerRpc().installSnapshot(part);
        answered();
        if (!reply.getServerReply().getSuccess()) {
          break;
        }
      }
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      lost(e); // also a snapshot that was replaced by a newer one while it was sent
      return;
    }
    if (reply == null) {
      return;
    }
    switch (reply.getResult()) {
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case SUCCESS, ALREADY_INSTALLED, SNAPSHOT_UNAVAILABLE, SNAPSHOT_EXPIRED -> {
        if (reply.getServerReply().getSuccess()) {
          getFollower().setSnapshotIndex(snapshot.getIndex());
          LOG.info("a snapshot is installed on={} index={}", node, snapshot.getIndex());
        }
        getFollower().setAttemptedToInstallSnapshot();
      }
      default -> backOff();
    }
  }

  private void answered() {
    getFollower().updateLastRpcResponseTime();
    backOffMs = 0;
    if (lost) {
      lost = false;
      LOG.info("a voter answers again from={}", this);
    }
  }

  private void lost(Exception cause) throws InterruptedException {
    if (!lost) {
      lost = true;
      LOG.warn("a voter does not answer from={} cause={}", this, cause.toString());
    }
    backOff();
  }

  private void backOff() throws InterruptedException {
    backOffMs = Math.min(BACK_OFF_MAX_MS, Math.max(BACK_OFF_MIN_MS, 2 * backOffMs));
    TimeUnit.MILLISECONDS.sleep(backOffMs);
  }
}
