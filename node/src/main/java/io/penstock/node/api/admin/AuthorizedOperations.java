package io.penstock.node.api.admin;

/**
 * The operations that a client is told it may do, as bits by Kafka's operation codes. There is no
 * authorizer, so that is every operation the resource has.
 */
public final class AuthorizedOperations {

  /** What a response says when the request did not ask. */
  public static final int NOT_ASKED = Integer.MIN_VALUE;

  private static final int READ = 1 << 3;
  private static final int WRITE = 1 << 4;
  private static final int CREATE = 1 << 5;
  private static final int DELETE = 1 << 6;
  private static final int ALTER = 1 << 7;
  private static final int DESCRIBE = 1 << 8;
  private static final int CLUSTER_ACTION = 1 << 9;
  private static final int DESCRIBE_CONFIGS = 1 << 10;
  private static final int ALTER_CONFIGS = 1 << 11;
  private static final int IDEMPOTENT_WRITE = 1 << 12;

  private static final int CONFIGS = DESCRIBE_CONFIGS | ALTER_CONFIGS;

  static final int TOPIC = READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | CONFIGS;
  static final int CLUSTER =
      CREATE | CLUSTER_ACTION | CONFIGS | IDEMPOTENT_WRITE | ALTER | DESCRIBE;

  public static final int GROUP = READ | DELETE | DESCRIBE | CONFIGS;

  private AuthorizedOperations() {}
}
