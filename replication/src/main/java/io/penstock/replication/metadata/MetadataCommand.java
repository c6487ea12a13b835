package io.penstock.replication.metadata;

import java.util.List;
import java.util.UUID;

/** What can be asked of the {@code metadata} group: one command is one log entry. */
public sealed interface MetadataCommand {

  /** Changes configurations; all of them or, if one is refused, none. */
  record SetConfigs(List<ConfigChange> changes) implements MetadataCommand {
    public SetConfigs {
      changes = List.copyOf(changes);
    }
  }

  /** Forgets the configurations of topics that are gone. */
  record DeleteTopicConfigs(List<UUID> topicIds) implements MetadataCommand {
    public DeleteTopicConfigs {
      topicIds = List.copyOf(topicIds);
    }
  }

  /** Takes a block of producer ids that nobody had before, for one broker to hand out. */
  record AllocateProducerIds(int brokerId, int count) implements MetadataCommand {}

  /** Raises the feature level, which switches rules on: only when every node knows them. */
  record SetFeatureLevel(int level) implements MetadataCommand {}
}
