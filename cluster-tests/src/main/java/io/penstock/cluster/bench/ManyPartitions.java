package io.penstock.cluster.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;

/**
 * Creates topics of 1 000 partitions with one replica each, on the named brokers in turn, and says
 * how long that took: {@code ManyPartitions BOOTSTRAP PARTITIONS BROKER…}. Brokers that are not
 * named know of all partitions and hold none.
 */
public final class ManyPartitions {
  private static final int PER_TOPIC = 1_000;
  private static final long AWAY_MAX_NS = TimeUnit.MINUTES.toNanos(3);

  private ManyPartitions() {}

  /** Runs until all are there. */
  public static void main(String[] arguments) throws Exception {
    int partitions = Integer.parseInt(arguments[1]);
    List<Integer> brokers = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) {
      brokers.add(Integer.valueOf(arguments[i]));
    }
    long startNs = System.nanoTime();
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", arguments[0],
            "request.timeout.ms", 120_000,
            "default.api.timeout.ms", 300_000);
    try (Admin admin = Admin.create(settings)) {
      for (int made = 0; made < partitions; made += PER_TOPIC) {
        int count = Math.min(PER_TOPIC, partitions - made);
        NewTopic topic = new NewTopic("many-" + made / PER_TOPIC, spread(count, brokers));
        create(admin, topic);
      }
    }
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    Output.print("created " + partitions + " partitions in " + tookMs + " ms");
  }

  /** On a busy machine a broker may be taken for lost for a moment. */
  private static void create(Admin admin, NewTopic topic) throws Exception {
    long endNs = System.nanoTime() + AWAY_MAX_NS;
    while (true) {
      try {
        admin.createTopics(List.of(topic)).all().get();
        return;
      } catch (ExecutionException refused) {
        if (!(refused.getCause() instanceof InvalidReplicaAssignmentException)
            || System.nanoTime() - endNs >= 0) {
          throw refused;
        }
      }
    }
  }

  private static Map<Integer, List<Integer>> spread(int partitions, List<Integer> brokers) {
    Map<Integer, List<Integer>> assignment = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      assignment.put(partition, List.of(brokers.get(partition % brokers.size())));
    }
    return assignment;
  }
}
