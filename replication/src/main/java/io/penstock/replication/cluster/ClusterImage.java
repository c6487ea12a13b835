package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.metadata.MetadataImage;

/**
 * All that the cluster has agreed on, as far as this node has applied it. Immutable: take it once
 * per request and pass it down. The two parts advance on their own and refer to each other by topic
 * id only, so a topic may be here a moment before or after its configuration.
 */
public record ClusterImage(LeadershipImage leadership, MetadataImage metadata) {

  public static final ClusterImage EMPTY =
      new ClusterImage(LeadershipImage.EMPTY, MetadataImage.EMPTY);
}
