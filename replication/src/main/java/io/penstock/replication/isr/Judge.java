package io.penstock.replication.isr;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.partition.IsrJudge;

/** Judges by one image, at one time. */
record Judge(LeadershipImage image, long nowMs, long lagTimeMaxMs, LostPeers lost)
    implements IsrJudge {

  @Override
  public boolean mayJoin(int nodeId, long brokerEpoch) {
    BrokerImage broker = image.broker(nodeId);
    return broker != null && broker.epoch() == brokerEpoch && broker.canLead();
  }

  @Override
  public boolean isGone(int nodeId, long lastHeardMs) {
    return lost.isGone(nodeId, lastHeardMs);
  }
}
