package io.penstock.node.admin;

import java.util.List;

/**
 * Whether a node does its work.
 *
 * @param reasons why it does not; empty where it does
 */
public record Readiness(List<String> reasons) {

  public Readiness {
    reasons = List.copyOf(reasons);
  }

  public boolean isReady() {
    return reasons.isEmpty();
  }
}
