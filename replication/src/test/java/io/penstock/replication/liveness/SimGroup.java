package io.penstock.replication.liveness;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The {@code leadership} group as its users see it: the real rules, one log, a leader where a
 * majority of the voters can have one, nodes that lag behind it. Proposals are forwarded and tried
 * again for a while, so that those of a former leader may come late.
 */
final class SimGroup {

  private static final long LOOK_MS = 20;
  private static final long PROPOSAL_MS_MAX = 8_000;

  private static final int SOON_MS_MAX = 100;

  /** What the majority's answers are late where all is well. */
  private static final int LATE_MS_MAX = 100;

  /** So long one without its majority may take itself for the leader beside the next one. */
  private static final int DEPOSED_MS_MAX = 2_000;

  private final VirtualTime time;
  private final Random random;
  private final SimCluster cluster;
  private final int[] voters;
  private final List<LeadershipImage> log = new ArrayList<>(List.of(LeadershipImage.EMPTY));
  private int leaderId = -1;
  private long term;
  private long lostSinceMs;
  private long electedMs;
  private long majorityMs;
  private boolean followersStall;

  SimGroup(VirtualTime time, Random random, SimCluster cluster, int... voters) {
    this.time = time;
    this.random = random;
    this.cluster = cluster;
    this.voters = voters.clone();
    this.lostSinceMs = time.nowMs();
    time.every(LOOK_MS, this::look);
  }

  LeadershipImage image() {
    return log.getLast();
  }

  LeadershipImage imageAt(int index) {
    return log.get(index);
  }

  int lastIndex() {
    return log.size() - 1;
  }

  /** Or -1 while there is none. */
  int leaderId() {
    return leaderId;
  }

  /** When the present leader was told that it is one. */
  long electedMs() {
    return electedMs;
  }

  /** When a leader was answered by a majority last, if only for a moment. */
  long majorityMs() {
    return majorityMs;
  }

  int[] voters() {
    return voters.clone();
  }

  /** Applies a command out of turn. */
  LeadershipResult apply(LeadershipCommand command) {
    Applied<LeadershipImage, ?, LeadershipResult> applied = LeadershipRules.apply(image(), command);
    log.add(applied.image());
    if (leaderId >= 0) {
      cluster.node(leaderId).catchUp();
    }
    for (SimNode node : cluster.nodes()) {
      time.after(1 + random.nextInt(5), node::catchUpIfReached);
    }
    return applied.result();
  }

  CompletionStage<LeadershipResult> propose(SimNode from, LeadershipCommand command) {
    CompletableFuture<LeadershipResult> result = new CompletableFuture<>();
    attempt(from, command, result, time.nowMs() + PROPOSAL_MS_MAX);
    return result;
  }

  /** While this node leads in this term, and no longer. */
  CompletionStage<LeadershipResult> proposeHere(
      SimNode from, LeadershipCommand command, long ofTerm) {
    CompletableFuture<LeadershipResult> result = new CompletableFuture<>();
    attemptHere(from, command, ofTerm, result);
    return result;
  }

  private void attemptHere(
      SimNode from,
      LeadershipCommand command,
      long ofTerm,
      CompletableFuture<LeadershipResult> result) {
    time.after(
        1 + random.nextInt(4),
        () ->
            from.process()
                .run(() -> {
                  if (leaderId != from.id() || term != ofTerm) {
                    result.completeExceptionally(new ControlUnavailableException("deposed"));
                  } else if (hasMajority(leaderId)) {
                    LeadershipResult outcome = apply(command);
                    from.whenApplied(lastIndex(), () -> result.complete(outcome));
                  } else {
                    time.after(20, () -> attemptHere(from, command, ofTerm, result));
                  }
                }));
  }

  private void attempt(
      SimNode from,
      LeadershipCommand command,
      CompletableFuture<LeadershipResult> result,
      long untilMs) {
    time.after(
        1 + random.nextInt(4),
        () ->
            from.process()
                .run(() -> {
                  if (leaderId >= 0 && hasMajority(leaderId) && reaches(from.id(), leaderId)) {
                    LeadershipResult outcome = apply(command);
                    from.whenApplied(lastIndex(), () -> result.complete(outcome));
                  } else if (time.nowMs() > untilMs) {
                    result.completeExceptionally(new ControlUnavailableException("no leader"));
                  } else {
                    time.after(20, () -> attempt(from, command, result, untilMs));
                  }
                }));
  }

  private boolean reaches(int a, int b) {
    return a == b || !cluster.network().isCut(a, b);
  }

  /** As {@link LivenessServices#majorityOverdueMs} has it. */
  long majorityOverdueMs(int nodeId) {
    if (nodeId != leaderId) {
      return Long.MAX_VALUE;
    }
    return lostSinceMs < 0 ? random.nextInt(LATE_MS_MAX) : time.nowMs() - lostSinceMs;
  }

  private boolean hearEachOther(int a, int b) {
    return a == b || (cluster.network().passes(a, b) && cluster.network().passes(b, a));
  }

  /** Voters do not answer their leader, as where their disks hang; all the rest of them goes on. */
  void stallFollowers(boolean stall) {
    followersStall = stall;
  }

  boolean hasMajority(int nodeId) {
    if (followersStall || !cluster.node(nodeId).process().isRunning()) {
      return false;
    }
    int with = 0;
    for (int voter : voters) {
      if (cluster.node(voter).process().isRunning() && hearEachOther(nodeId, voter)) {
        with++;
      }
    }
    return 2 * with > voters.length;
  }

  /** The leadership is given to this voter. */
  void elect(int nodeId) {
    depose(SOON_MS_MAX);
    lead(nodeId);
  }

  void killed(int nodeId) {
    if (nodeId == leaderId) {
      leaderId = -1;
    }
  }

  private void look() {
    if (leaderId >= 0 && !hasMajority(leaderId)) {
      if (lostSinceMs < 0) {
        lostSinceMs = time.nowMs();
      }
      if (time.nowMs() - lostSinceMs > 1_000 + random.nextInt(1_000)) {
        depose(DEPOSED_MS_MAX);
      }
      return;
    }
    if (leaderId >= 0) {
      lostSinceMs = -1;
      majorityMs = time.nowMs();
      return;
    }
    int candidate = voters[random.nextInt(voters.length)];
    if (hasMajority(candidate) && random.nextInt(10) == 0) {
      lead(candidate);
    }
  }

  private void depose(int toldInMsMax) {
    if (leaderId >= 0) {
      SimNode former = cluster.node(leaderId);
      long ended = term;
      leaderId = -1;
      time.after(
          random.nextInt(toldInMsMax),
          () -> former.process().run(() -> former.lostLeadership(ended)));
    }
  }

  private void lead(int nodeId) {
    leaderId = nodeId;
    lostSinceMs = -1;
    term++;
    electedMs = time.nowMs();
    majorityMs = electedMs;
    SimNode leader = cluster.node(nodeId);
    long begun = term;
    leader.catchUp();
    leader.process().execute(() -> leader.becameLeader(begun));
    for (SimNode node : cluster.nodes()) {
      time.after(
          random.nextInt(60),
          () -> {
            if (term == begun && reaches(node.id(), nodeId)) {
              node.process().run(() -> node.leaderIs(nodeId));
            }
          });
    }
  }
}
