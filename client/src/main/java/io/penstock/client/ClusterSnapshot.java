package io.penstock.client;

import io.penstock.client.net.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one broker told about its cluster at one moment. Immutable.
 *
 * @param clusterId empty where the broker did not say
 * @param controllerId -1 where the broker did not say
 * @param brokers the brokers that are up, by id
 * @param topics the topics asked for that exist, by name, in the order of their names
 */
public record ClusterSnapshot(
    String clusterId,
    int controllerId,
    Map<Integer, Endpoint> brokers,
    Map<String, TopicDescription> topics) {

  static final ClusterSnapshot EMPTY = new ClusterSnapshot("", -1, Map.of(), Map.of());

  /** The address of a partition's leader, where the partition is known and has a living leader. */
  public Optional<Endpoint> leader(String topic, int partition) {
    TopicDescription description = topics.get(topic);
    if (description == null) {
      return Optional.empty();
    }
    List<PartitionDescription> partitions = description.partitions();
    return partition < 0 || partition >= partitions.size()
        ? Optional.empty()
        : Optional.ofNullable(brokers.get(partitions.get(partition).leader()));
  }
}
