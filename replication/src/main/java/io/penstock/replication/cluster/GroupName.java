package io.penstock.replication.cluster;

/** The two groups; the order is that of the partitions by which DescribeQuorum tells of them. */
public enum GroupName {
  LEADERSHIP("leadership"),
  METADATA("metadata");

  private final String text;

  GroupName(String text) {
    this.text = text;
  }

  /** In file names and on the wire. */
  public String text() {
    return text;
  }
}
