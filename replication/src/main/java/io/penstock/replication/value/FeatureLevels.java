package io.penstock.replication.value;

/**
 * The levels of the control plane's rules and formats. A cluster is at one level, which only rises,
 * and only when every node knows the next one: brokers say at registration how far they know.
 */
public final class FeatureLevels {

  /** Where a new cluster begins. */
  public static final int FIRST = 1;

  /** The highest level that this version knows; it stops where the cluster is above it. */
  public static final int KNOWN = 1;

  private FeatureLevels() {}
}
