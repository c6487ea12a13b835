package io.penstock.replication.partition;

import io.penstock.replication.metadata.MetadataImage;
import io.penstock.storage.log.LogSettings;
import java.util.UUID;

/** Says which settings the logs of a topic have, from what the cluster agreed on. Pure. */
@FunctionalInterface
public interface PartitionSettings {

  LogSettings of(UUID topicId, MetadataImage metadata);
}
