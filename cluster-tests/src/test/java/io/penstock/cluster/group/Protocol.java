package io.penstock.cluster.group;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.jspecify.annotations.Nullable;

/** How members of a group are given their partitions, in the settings of kafka-clients. */
public enum Protocol {
  /** They assign, and give everything up before. */
  EAGER("RangeAssignor", 6),

  /** They assign, and give up only what goes to others. */
  COOPERATIVE("CooperativeStickyAssignor", 6),

  /** The coordinator assigns (KIP-848), and says how often it wants to hear of them. */
  CONSUMER(null, 45);

  private static final String FEATURE = "group.version";
  private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";

  private final @Nullable String assignor;
  private final int sessionSeconds;

  Protocol(@Nullable String assignor, int sessionSeconds) {
    this.assignor = assignor;
    this.sessionSeconds = sessionSeconds;
  }

  /** What a consumer is set to. */
  Map<String, String> settings() {
    if (assignor == null) {
      return Map.of("group.protocol", "consumer");
    }
    return Map.of(
        "group.protocol",
        "classic",
        "partition.assignment.strategy",
        ASSIGNORS + assignor,
        "session.timeout.ms",
        Long.toString(session().toMillis()),
        "heartbeat.interval.ms",
        "300");
  }

  /** How long the coordinator waits for a member that says nothing. */
  Duration session() {
    return Duration.ofSeconds(sessionSeconds);
  }

  /** The name of the group of this protocol that reads a topic. */
  String groupOf(String topic) {
    return topic + "-" + name().toLowerCase(Locale.ROOT);
  }

  /** Those that a cluster knows, as the features tell that it has agreed on. */
  public static List<Protocol> servedBy(Admin admin)
      throws ExecutionException, InterruptedException {
    FinalizedVersionRange version =
        admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(FEATURE);
    boolean newer = version != null && version.maxVersionLevel() > 0;
    return Arrays.stream(values()).filter(each -> newer || each != CONSUMER).toList();
  }
}
