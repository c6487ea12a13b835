package io.penstock.node.group.offset;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An offset that a group has committed for a partition.
 *
 * @param topicId of the topic that it was committed for; null where that was not written down
 * @param leaderEpoch of the last record that was read, -1 where the client did not say
 * @param expiresAtMs when it goes, as clients could ask for before Kafka 2.1; -1 for by the rules
 */
public record CommittedOffset(
    @Nullable UUID topicId,
    long offset,
    int leaderEpoch,
    String metadata,
    long committedAtMs,
    long expiresAtMs) {

  /** Of offsets that expire by the rules alone. */
  public static final long NO_EXPIRY = -1;

  /** Whether it was committed for this topic, as far as can be said. */
  public boolean isOf(UUID topic) {
    return topicId == null || topicId.equals(topic);
  }
}
