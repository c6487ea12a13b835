package io.penstock.replication.liveness.message;

import java.util.UUID;

/** What is answered to a {@link Probe}. */
public sealed interface ProbeAnswer {

  /** The process that answers. */
  record Here(int nodeId, UUID incarnation) implements ProbeAnswer {}

  /** What the process that answers found at the target. */
  record Found(ProbeOutcome outcome) implements ProbeAnswer {}
}
