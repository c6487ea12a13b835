package io.penstock.replication.proposal;

/**
 * How a node proposes to a group.
 *
 * @param group its number
 * @param name for messages
 * @param selfId this node
 * @param commandBytesMax of one command
 * @param timeoutMs after this long the outcome is open; less than leaders remember ids
 */
public record ProposerSettings(
    int group, String name, int selfId, int commandBytesMax, long timeoutMs) {

  /** Leaders remember a proposal's ids for a minute. */
  public static final long TIMEOUT_MS = 30_000;
}
