package io.penstock.replication.liveness.message;

import io.penstock.replication.value.Position;

/** How far a node has applied each of the two groups. */
public record AppliedPositions(Position leadership, Position metadata) {

  public static final AppliedPositions NONE = new AppliedPositions(Position.NONE, Position.NONE);
}
