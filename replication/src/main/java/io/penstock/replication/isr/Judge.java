package io.penstock.replication.isr;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.partition.IsrJudge;

/** Judges by one image, at one time; {@code newcomers} may join only where they are needed. */
record Judge(
    LeadershipImage image,
    long nowMs,
    long lagTimeMaxMs,
    LostPeers lost,
    Newcomers newcomers,
    boolean isNeedy)
    implements IsrJudge {

  /** For partitions that have too few in sync, or enough. */
  Judge needy(boolean needy) {
    return new Judge(image, nowMs, lagTimeMaxMs, lost, newcomers, needy);
  }

  @Override
  public boolean mayJoin(int nodeId, long brokerEpoch) {
    BrokerImage broker = image.broker(nodeId);
    return broker != null
        && broker.epoch() == brokerEpoch
        && broker.canLead()
        && (isNeedy || !newcomers.isNew(nodeId, brokerEpoch, nowMs));
  }

  @Override
  public boolean isGone(int nodeId, long lastHeardMs) {
    return lost.isGone(nodeId, lastHeardMs);
  }
}
