package io.penstock.node.group.classic;

/** Where a classic group is between two generations; the package's page draws how it moves. */
enum ClassicState {
  EMPTY("Empty"),
  PREPARING_REBALANCE("PreparingRebalance"),
  COMPLETING_REBALANCE("CompletingRebalance"),
  STABLE("Stable");

  private final String label;

  ClassicState(String label) {
    this.label = label;
  }

  /** The name as Kafka spells it. */
  String label() {
    return label;
  }

  boolean mayBecome(ClassicState next) {
    return switch (next) {
      case EMPTY, COMPLETING_REBALANCE -> this == PREPARING_REBALANCE;
      case PREPARING_REBALANCE -> this != PREPARING_REBALANCE;
      case STABLE -> this == COMPLETING_REBALANCE;
    };
  }
}
