package io.penstock.storage.log;

import java.util.UUID;

/**
 * Which log: a partition of a topic, told from an earlier topic of the same name by the topic id.
 * The id {@link #UNKNOWN_TOPIC_ID} stands for a directory that does not say which topic it was.
 */
public record LogId(String topic, UUID topicId, int partition) {
  public static final UUID UNKNOWN_TOPIC_ID = new UUID(0, 0);

  /** The name of the log's directory inside its data directory. */
  public String directoryName() {
    return topic + "-" + partition;
  }

  @Override
  public String toString() {
    return directoryName();
  }
}
