package io.penstock.node.group.classic;

import org.apache.kafka.common.message.JoinGroupRequestData;

/**
 * A request to join, and what the message itself does not say.
 *
 * @param idRequired whether a member without an id is to come back with the one it is given
 * @param maySkipAssignment whether the client knows that a leader may be told not to assign
 * @param clientHost where it comes from, as Kafka writes it: {@code /127.0.0.1}
 * @param uniqueSuffix what makes the id of a new member unlike any other; given, since rules make
 *     no randomness
 */
public record JoinCall(
    JoinGroupRequestData request,
    boolean idRequired,
    boolean maySkipAssignment,
    String clientId,
    String clientHost,
    String uniqueSuffix) {

  public boolean hasNoId() {
    return request.memberId().isEmpty();
  }

  /** The id of a new member: what tells people whose it is, and what makes it unique. */
  public String newMemberId() {
    String instanceId = request.groupInstanceId();
    return (instanceId == null ? clientId : instanceId) + "-" + uniqueSuffix;
  }

  /** How long the others wait for this member to rejoin; version 0 has one time-out for both. */
  public int rebalanceTimeoutMs() {
    int asked = request.rebalanceTimeoutMs();
    return asked < 0 ? request.sessionTimeoutMs() : asked;
  }
}
