package io.penstock.node.group;

import io.penstock.replication.leadership.TopicImage;

/** The internal topic in which groups and their offsets are kept, as Kafka names and cuts it. */
public final class OffsetsTopic {

  public static final String NAME = "__consumer_offsets";

  private OffsetsTopic() {}

  /** The partition that is the home of this group. */
  public static int partitionOf(String groupId, TopicImage topic) {
    return (groupId.hashCode() & 0x7fffffff) % topic.partitionCount();
  }
}
