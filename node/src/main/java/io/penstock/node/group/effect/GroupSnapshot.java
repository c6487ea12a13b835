package io.penstock.node.group.effect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A classic group as the log keeps it, in the terms of Kafka's {@code GroupMetadataValue}. The
 * arrays are the clients' own bytes; nobody changes them.
 *
 * @param protocol the assignor that was chosen; null while there is none
 * @param leader the member id of the leader; null while there is none
 * @param stateTimestampMs when the group came into its state; -1 where that is not known
 */
public record GroupSnapshot(
    String groupId,
    String protocolType,
    int generation,
    @Nullable String protocol,
    @Nullable String leader,
    long stateTimestampMs,
    List<Member> members) {

  public GroupSnapshot {
    members = List.copyOf(members);
  }

  /**
   * A member of the group.
   *
   * @param instanceId of a static member; null of a dynamic one
   */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes, compared by nobody
  public record Member(
      String memberId,
      @Nullable String instanceId,
      String clientId,
      String clientHost,
      int rebalanceTimeoutMs,
      int sessionTimeoutMs,
      byte[] subscription,
      byte[] assignment) {}
}
