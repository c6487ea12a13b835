package io.penstock.replication.raft;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a leader go that its majority does not answer. Ratis does so too, after as long a silence,
 * but looks for it only when it had nothing to do for that time; where followers still hear of such
 * a leader, nobody else can be elected meanwhile. Other than after Ratis' look, it may stand again
 * as soon as its timer ends: it may have been the others who stood still. Runs on the host's timer.
 */
final class LostMajority {

  private static final Logger LOG = LoggerFactory.getLogger(LostMajority.class);
  private static final long STEP_DOWN_MS_MAX = 2_000;

  private final RaftServer server;
  private final long silentMsMax;
  private final long confirmNs;
  private final Map<RaftGroupId, Long> missedSinceNs = new HashMap<>();

  /**
   * @param silentMsMax for so long a majority may be silent
   * @param confirmMs it has to be silent for so long after it was noticed, too: where this process
   *     stood still, the answers that came meanwhile have yet to be read
   */
  LostMajority(RaftServer server, long silentMsMax, long confirmMs) {
    this.server = server;
    this.silentMsMax = silentMsMax;
    this.confirmNs = TimeUnit.MILLISECONDS.toNanos(confirmMs);
  }

  void watch(RaftGroupId id, RatisGroup<?, ?, ?> group) throws IOException {
    long silentMs = MajorityContact.silentMs(server, id);
    if (silentMs <= silentMsMax || silentMs == MajorityContact.NEVER_MS) {
      missedSinceNs.remove(id);
      return;
    }
    long nowNs = System.nanoTime();
    if (nowNs - missedSinceNs.computeIfAbsent(id, _ -> nowNs) >= confirmNs) {
      missedSinceNs.remove(id);
      LOG.warn(
          "this node gives up to lead, since its majority is silent group={} term={} silentMs={}",
          group.name(),
          group.role().term(),
          silentMs);
      stepDown(id, group);
    }
  }

  private void stepDown(RaftGroupId id, RatisGroup<?, ?, ?> group) throws IOException {
    TransferLeadershipRequest toNobody =
        new TransferLeadershipRequest(
            ClientId.randomId(),
            server.getId(),
            id,
            CallId.getAndIncrement(),
            null,
            STEP_DOWN_MS_MAX);
    var _ =
        server
            .transferLeadershipAsync(toNobody)
            .whenComplete((reply, failure) -> {
              if (failure != null || !reply.isSuccess()) {
                LOG.info(
                    "did not give up to lead group={} answer={}", group.name(), reply, failure);
              }
            });
  }
}
