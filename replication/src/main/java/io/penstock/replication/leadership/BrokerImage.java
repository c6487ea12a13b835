package io.penstock.replication.leadership;

import io.penstock.replication.value.Address;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One registered broker. A fenced broker leads nothing and joins no ISR; a draining one keeps what
 * it leads only where nobody else can. {@code epoch} names this registration: commands that carry
 * another one are refused. {@code featureLevel} is the highest that it knows.
 */
public record BrokerImage(
    int id,
    long epoch,
    UUID incarnation,
    Address client,
    Address peer,
    @Nullable String rack,
    boolean fenced,
    boolean draining,
    int featureLevel,
    BrokerDirectories directories) {

  /** Whether it may be given the leadership of a partition. */
  public boolean canLead() {
    return !fenced && !draining;
  }

  BrokerImage withState(boolean nowFenced, boolean nowDraining) {
    return new BrokerImage(
        id,
        epoch,
        incarnation,
        client,
        peer,
        rack,
        nowFenced,
        nowDraining,
        featureLevel,
        directories);
  }
}
