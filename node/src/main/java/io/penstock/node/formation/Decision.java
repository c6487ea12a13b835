package io.penstock.node.formation;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a round of replies comes to. */
sealed interface Decision {

  /** It is clear how this node takes part. */
  record Take(Formation formation) implements Decision {}

  /**
   * All voters are there; what this node has found is to be told to the others, since only what all
   * of them have found alike is begun.
   */
  record Propose(UUID clusterId) implements Decision {}

  /** Some voters are not there, or have not found the same yet. */
  record Wait(Map<String, String> missing) implements Decision {}

  /** Everybody who answered objects to this node. */
  record Objected(List<String> reasons) implements Decision {
    public Objected {
      reasons = List.copyOf(reasons);
    }
  }
}
