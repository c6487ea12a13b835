package io.penstock.node.api.admin;

import io.penstock.replication.leadership.TopicNames;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Topics that belong to the brokers: clients see them marked, and cannot create them. Pure. */
public final class ReservedTopics {

  private static final Set<String> INTERNAL =
      Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");
  private static final String KAFKA_METADATA = "__cluster_metadata";

  private ReservedTopics() {}

  static boolean isInternal(@Nullable String name) {
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
