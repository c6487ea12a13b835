package io.penstock.cluster.history;

import org.apache.kafka.common.TopicPartition;

/** Something that must not be, and where. */
public record Violation(Kind kind, TopicPartition partition, String what) {

  /** What a log can do wrong. */
  public enum Kind {
    /** Acknowledged, and not there. */
    LOST,
    /** There more than once. */
    DUPLICATED,
    /** Records of one writer in another order than they were sent in. */
    REORDERED,
    /** There, and never sent. */
    PHANTOM,
    /** Replicas differ, or a replica from what consumers are given. */
    DIVERGENT,
    /** A consumer was given a record that later was another one, or none. */
    WENT_BACK
  }

  @Override
  public String toString() {
    return kind + " in " + partition + ": " + what;
  }
}
