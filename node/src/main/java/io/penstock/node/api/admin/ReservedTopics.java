package io.penstock.node.api.admin;

import io.penstock.replication.leadership.TopicNames;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Topics that belong to the brokers: clients see them marked, and cannot create them. Pure. */
public final class ReservedTopics {

  private static final Set<String> INTERNAL =
      Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");
  private static final String KAFKA_METADATA = "__cluster_metadata";

  /** The client id under which Kafka lets its own tools write to these topics. */
  private static final String WRITER = "__admin_client";

  private ReservedTopics() {}

  /** Whether a client of this id may write to topics that belong to the brokers. */
  public static boolean isWriter(@Nullable String clientId) {
    return WRITER.equals(clientId);
  }

  /** Whether a topic of this name belongs to the brokers. */
  public static boolean isInternal(@Nullable String name) {
    return name != null && INTERNAL.contains(name);
  }

  /** What is wrong with a client's wish for a topic of this name, or null. */
  public static @Nullable String problemWithNew(String name) {
    String problem = TopicNames.problemOf(name);
    if (problem == null && (isInternal(name) || KAFKA_METADATA.equals(name))) {
      return "the topic name '" + name + "' is kept by the brokers for themselves";
    }
    return problem;
  }
}
