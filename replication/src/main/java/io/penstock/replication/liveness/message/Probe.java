package io.penstock.replication.liveness.message;

import io.penstock.replication.value.Address;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who is there? Or, with a target, a second opinion: who do you find there?
 *
 * @param target null to ask the receiver of itself
 */
public record Probe(@Nullable Target target) {

  public static final Probe OF_RECEIVER = new Probe(null);

  /** The process that is looked for, and where. */
  public record Target(int nodeId, UUID incarnation, Address address) {}
}
