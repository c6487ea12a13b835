package io.penstock.replication.metadata;

import java.util.SortedMap;

/** What a command changed: for logs, counters and scenario tests. */
public sealed interface MetadataEvent {

  /** The whole configuration of the target after the change. */
  record ConfigsChanged(ConfigTarget target, SortedMap<String, String> configs)
      implements MetadataEvent {}

  record ProducerIdsAllocated(int brokerId, long first, int count) implements MetadataEvent {}

  record FeatureLevelRaised(int from, int to) implements MetadataEvent {}
}
