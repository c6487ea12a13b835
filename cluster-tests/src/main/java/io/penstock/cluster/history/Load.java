package io.penstock.cluster.history;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * What a {@link Workload} does.
 *
 * @param name what its topics' names begin with
 * @param topics topics of three replicas that take writes while two of them are in sync
 * @param partitions of each topic
 * @param writers idempotent producers, each of which writes to every partition
 * @param impatient how many of them, the last ones, give a broker 1.5 s to answer instead of the
 *     default of kafka-clients, so that they send records again that may be there already
 * @param recordsPerSecond of all writers together
 * @param valueBytes of each record
 * @param readers consumers that read along; all but the first name a rack, "r1", "r2", and so on
 */
public record Load(
    String name,
    int topics,
    int partitions,
    int writers,
    int impatient,
    int recordsPerSecond,
    int valueBytes,
    int readers) {

  /** The workload of the tests: both kinds of writers, readers with and without a rack. */
  public static Load of(String name, int recordsPerSecond) {
    return new Load(name, 3, 4, 6, 3, recordsPerSecond, 200, 3);
  }

  /** The names of the topics. */
  public List<String> topicNames() {
    List<String> names = new ArrayList<>();
    for (int topic = 0; topic < topics; topic++) {
      names.add(name + "-" + topic);
    }
    return names;
  }

  /** All partitions. */
  public List<TopicPartition> topicPartitions() {
    List<TopicPartition> all = new ArrayList<>();
    for (String topic : topicNames()) {
      for (int partition = 0; partition < partitions; partition++) {
        all.add(new TopicPartition(topic, partition));
      }
    }
    return all;
  }

  /** Whether a writer has the default settings of kafka-clients. */
  public boolean isPatient(int writer) {
    return writer < writers - impatient;
  }

  /** Whether a writer gives brokers little time to answer. */
  public boolean isImpatient(int writer) {
    return !isPatient(writer);
  }
}
