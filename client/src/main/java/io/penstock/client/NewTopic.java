package io.penstock.client;

import java.util.Map;

/**
 * A topic to create.
 *
 * @param partitions {@link #CLUSTER_DEFAULT}, or how many
 * @param replicationFactor {@link #CLUSTER_DEFAULT}, or how many
 * @param configs settings that differ from the cluster's defaults
 */
public record NewTopic(
    String name, int partitions, short replicationFactor, Map<String, String> configs) {

  /** Leaves the number to the cluster's settings. */
  public static final short CLUSTER_DEFAULT = -1;

  public NewTopic {
    configs = Map.copyOf(configs);
  }
}
