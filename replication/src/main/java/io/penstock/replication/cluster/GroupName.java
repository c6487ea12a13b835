package io.penstock.replication.cluster;

/** The two groups; the order is that of the partitions by which DescribeQuorum tells of them. */
public enum GroupName {
  LEADERSHIP("leadership", 0),
  METADATA("metadata", 1);

  private final String text;
  private final int id;

  GroupName(String text, int id) {
    this.text = text;
    this.id = id;
  }

  /** In file names and on the wire. */
  public String text() {
    return text;
  }

  /** Between nodes, and as the partition of DescribeQuorum; never used for another group. */
  public int id() {
    return id;
  }
}
