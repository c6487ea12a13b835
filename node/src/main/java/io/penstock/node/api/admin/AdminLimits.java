package io.penstock.node.api.admin;

/**
 * How much one request may ask for. A frame is bounded too, but its bytes are cheaper than these.
 */
public final class AdminLimits {

  /** Topics that one request may create, delete, grow or configure, as in Kafka. */
  static final int CHANGES_MAX = 10_000;

  /** Partitions that one request may create, as in Kafka. */
  static final int NEW_PARTITIONS_MAX = 10_000;

  /** Topics that one request may ask about by name or id. */
  static final int NAMES_MAX = 100_000;

  /** Topics that one Metadata request may bring into being. */
  static final int AUTO_CREATED_MAX = 100;

  /** Resources that one DescribeConfigs request may name. */
  static final int RESOURCES_MAX = 10_000;

  /** About how many bytes of commands one log entry of the control plane carries. */
  static final int COMMAND_BYTES = 512 << 10;

  /** How long a request may make the node wait, whatever it says. */
  static final long WAIT_MS_MAX = 300_000;

  private AdminLimits() {}

  /** How long to wait for a request that names its time. */
  public static long waitMs(int timeoutMs) {
    return Math.clamp(timeoutMs, 1, WAIT_MS_MAX);
  }
}
