package io.penstock.node.api.cluster;

import io.penstock.replication.metadata.MetadataImage;

/**
 * What operators switch on for the whole cluster when every node knows it, in the words of Kafka's
 * tools: one feature, whose level is that of the control plane's rules and formats. Kafka's own
 * features are not named here, since none of them means the same; but for the one that says whether
 * groups may speak the consumer protocol, which they always may.
 */
final class Features {

  static final String NAME = "penstock.version";

  static final short LOWEST = MetadataImage.FIRST_FEATURE_LEVEL;

  /**
   * The highest level that this version knows. With a second one, brokers have to say at their
   * registration how far they know, since a cluster can go no further than its oldest node.
   */
  static final short HIGHEST = MetadataImage.FIRST_FEATURE_LEVEL;

  /** Kafka's name for the protocols of groups that there are. */
  static final String GROUP_VERSION = "group.version";

  /** The classic and the consumer protocol. */
  static final short GROUP_LEVEL = 1;

  private Features() {}

  static boolean knows(int level) {
    return level >= LOWEST && level <= HIGHEST;
  }
}
