package io.penstock.replication.leadership;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One registered broker. A fenced broker leads nothing and joins no ISR; a draining one keeps what
 * it leads only where nobody else can. {@code epoch} names this registration: commands that carry
 * another one are refused.
 */
public record BrokerImage(
    int id,
    long epoch,
    UUID incarnation,
    String host,
    int port,
    @Nullable String rack,
    boolean fenced,
    boolean draining) {

  /** Whether it may be given the leadership of a partition. */
  public boolean canLead() {
    return !fenced && !draining;
  }

  BrokerImage withState(boolean nowFenced, boolean nowDraining) {
    return new BrokerImage(id, epoch, incarnation, host, port, rack, nowFenced, nowDraining);
  }
}
